import type { page } from "@arriero/spec";

/** A piece of an answer, with the token ids that it came with: what a continuation resumes behind. */
export type Piece =
  | { readonly type: "text" | "reasoning"; readonly text: string; readonly tokens: readonly number[] }
  | {
      readonly type: "tool-call";
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
      readonly tokens: readonly number[];
    };

/** One entry of a generation's log. Appended, never changed. */
export type LogEntry =
  | {
      readonly kind: "begin";
      readonly model: string;
      readonly adapter: string | null;
      readonly seed: number;
      readonly promptTokens: number;
      readonly cachedTokens: number;
      /** null: this upstream does not tell. */
      readonly promptTokenIds: readonly number[] | null;
      readonly dropped: page.Dropped | null;
    }
  | { readonly kind: "pieces"; readonly pieces: readonly Piece[] }
  /** Another server, or a later try, goes on with it. */
  | { readonly kind: "continued" }
  | { readonly kind: "end" };

export interface PlacedEntry {
  readonly seq: number;
  readonly entry: LogEntry;
}

/** What an answer is made of so far. */
export interface Written {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: page.Message["toolCalls"];
  readonly begin: Extract<LogEntry, { kind: "begin" }> | null;
  readonly pieces: readonly Piece[];
}

/** The answer by its log. The first `begin` counts: what follows continues it. */
export function writtenBy(entries: readonly PlacedEntry[]): Written {
  let begin: Written["begin"] = null;
  const pieces: Piece[] = [];
  for (const { entry } of entries) {
    if (entry.kind === "begin") begin ??= entry;
    if (entry.kind === "pieces") for (const piece of entry.pieces) pieces.push(piece);
  }
  return { ...joined(pieces), begin, pieces };
}

/** The text of pieces, once they stand behind each other. */
export function joined(pieces: readonly Piece[]): Pick<Written, "text" | "reasoning" | "toolCalls"> {
  const text: string[] = [];
  const reasoning: string[] = [];
  const toolCalls: { id: string; name: string; arguments: string }[] = [];
  for (const piece of pieces) {
    if (piece.type !== "tool-call") (piece.type === "text" ? text : reasoning).push(piece.text);
    else {
      const call = toolCalls[piece.index] ?? { id: "", name: "", arguments: "" };
      toolCalls[piece.index] = {
        id: piece.id ?? call.id,
        name: piece.name ?? call.name,
        arguments: call.arguments + piece.arguments,
      };
    }
  }
  return { text: text.join(""), reasoning: reasoning.join(""), toolCalls: toolCalls.filter((call) => call !== undefined) };
}
