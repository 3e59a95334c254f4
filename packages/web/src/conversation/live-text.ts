import type { page } from "@arriero/spec";

/** What a page knows of an answer while it is written. */
export interface LiveText {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { id: string; name: string; arguments: string }[];
  /** null: it still waits for a replica. */
  readonly promptTokens: number | null;
  readonly model: string | null;
  readonly dropped: page.Dropped | null;
  readonly wasContinued: boolean;
}

export const NOTHING_YET: LiveText = {
  text: "",
  reasoning: "",
  toolCalls: [],
  promptTokens: null,
  model: null,
  dropped: null,
  wasContinued: false,
};

type Update = page.GenerationUpdate;
type DeltaCalls = NonNullable<Extract<Update, { type: "delta" }>["toolCalls"]>;

function withCalls(calls: LiveText["toolCalls"], deltas: DeltaCalls): LiveText["toolCalls"] {
  const next = [...calls];
  for (const delta of deltas) {
    const before = next[delta.index] ?? { id: "", name: "", arguments: "" };
    next[delta.index] = {
      id: delta.id ?? before.id,
      name: delta.name ?? before.name,
      arguments: before.arguments + delta.arguments,
    };
  }
  return next;
}

/** The next state. Strings grow at their end alone, which engines do without copying. */
export function follow(state: LiveText, update: Update): LiveText {
  switch (update.type) {
    case "snapshot":
      return {
        ...state,
        text: update.text,
        reasoning: update.reasoning,
        toolCalls: update.toolCalls.map((call) => ({ id: call.id, name: call.name, arguments: call.arguments })),
        dropped: update.dropped,
      };
    case "begin":
      return { ...state, promptTokens: update.promptTokens, model: update.model, dropped: update.dropped };
    case "delta":
      return {
        ...state,
        text: update.text ? state.text + update.text : state.text,
        reasoning: update.reasoning ? state.reasoning + update.reasoning : state.reasoning,
        toolCalls: update.toolCalls ? withCalls(state.toolCalls, update.toolCalls) : state.toolCalls,
      };
    case "continued":
      return { ...state, wasContinued: true };
    case "end":
      return { ...state, text: update.message.text, reasoning: update.message.reasoning, dropped: update.message.dropped };
    default:
      update satisfies never;
      return state;
  }
}

const LONGEST_WAIT = 40;

/** The text up to its last whole word, so that words appear and never letters. A very long word is shown as it comes. */
export function wholeWords(text: string): string {
  const end = Math.max(text.lastIndexOf(" "), text.lastIndexOf("\n"));
  return text.length - end > LONGEST_WAIT ? text : text.slice(0, end + 1);
}
