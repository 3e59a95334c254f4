import type { OllamaToolCall } from "./tool-calls.ts";

/** What one line, or the whole answer, says of the model's output. */
export interface Said {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly OllamaToolCall[];
}

/** Where chat and generate put it: the only thing they differ in. */
export type AnswerShape = (said: Said) => Readonly<Record<string, unknown>>;

export const NOTHING: Said = { text: "", thinking: "", calls: [] };

export const CHAT_SHAPE: AnswerShape = ({ calls, text, thinking }) => ({
  message: {
    role: "assistant",
    content: text,
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  },
});

export const GENERATE_SHAPE: AnswerShape = ({ text, thinking }) => ({
  response: text,
  ...(thinking === "" ? {} : { thinking }),
});
