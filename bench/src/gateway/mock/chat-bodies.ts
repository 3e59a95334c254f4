/** The pieces that every answer is made of, over and over: about a token each. */
const PIECES = ["The", " caravan", " goes", " on", ",", " load", " by", " load", "."];

export const pieceAt = (index: number): string => PIECES[index % PIECES.length] ?? "";

const PROMPT_TOKENS = 24;
const IDENTITY = { id: "chatcmpl-mock", created: 1_750_000_000, model: "mock" };

function usage(tokens: number) {
  return { prompt_tokens: PROMPT_TOKENS, completion_tokens: tokens, total_tokens: PROMPT_TOKENS + tokens };
}

/** A chat completion of so many tokens, whole. */
export function wholeBody(tokens: number): string {
  const content = Array.from({ length: tokens }, (_, index) => pieceAt(index)).join("");
  const choices = [{ index: 0, message: { role: "assistant", content }, logprobs: null, finish_reason: "stop" }];
  return JSON.stringify({ ...IDENTITY, object: "chat.completion", choices, usage: usage(tokens) });
}

function frame(fields: object): string {
  return `data: ${JSON.stringify({ ...IDENTITY, object: "chat.completion.chunk", ...fields })}\n\n`;
}

/** One frame of a streamed answer. */
export function pieceFrame(index: number): string {
  const delta = index === 0 ? { role: "assistant", content: pieceAt(index) } : { content: pieceAt(index) };
  return frame({ choices: [{ index: 0, delta, finish_reason: null }] });
}

/** What ends a streamed answer. */
export function closingFrames(tokens: number, includeUsage: boolean): string {
  const finish = frame({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  return `${finish}${includeUsage ? frame({ choices: [], usage: usage(tokens) }) : ""}data: [DONE]\n\n`;
}
