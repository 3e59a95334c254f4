import type { GenerationEvent } from "@arriero/spec";
import type { Piece, Written } from "@arriero/store";

type Output = Extract<GenerationEvent, { type: "text" | "reasoning" | "tool-call" }>;

/**
 * Pieces behind each other, joined where nothing is lost by it. A token's id stands on the last event that it is worth, so
 * whatever comes before an id is settled by it and may be joined; behind the last id each event stays for itself, since a
 * continuation has to know how many of them there were.
 */
export function addPiece(pieces: readonly Piece[], event: Output): Piece[] {
  const piece = toPiece(event);
  const last = pieces.at(-1);
  if (last === undefined || piece.tokens.length === 0) return [...pieces, piece];
  const together = join(last, piece);
  return together === null ? [...pieces, piece] : addJoined(pieces.slice(0, -1), together);
}

/** Events before it that had no id are settled by its own. */
function addJoined(pieces: readonly Piece[], piece: Piece): Piece[] {
  const last = pieces.at(-1);
  const together = last === undefined || last.tokens.length > 0 ? null : join(last, piece);
  return together === null ? [...pieces, piece] : addJoined(pieces.slice(0, -1), together);
}

function join(a: Piece, b: Piece): Piece | null {
  if (a.type === "tool-call" || b.type === "tool-call") return null;
  return a.type === b.type ? { type: a.type, text: a.text + b.text, tokens: [...a.tokens, ...b.tokens] } : null;
}

function toPiece(event: Output): Piece {
  const { tokens } = event;
  if (event.type !== "tool-call") return { type: event.type, text: event.text, tokens };
  const { id, index, name } = event;
  return {
    type: "tool-call",
    index,
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    arguments: event.arguments,
    tokens,
  };
}

/** The events that an answer was written from, for whoever continues it; none where it had not begun. */
export function saidEvents(id: string, { begin, pieces }: Pick<Written, "begin" | "pieces">): readonly GenerationEvent[] {
  if (begin === null || pieces.length === 0) return [];
  const { cachedTokens, model, promptTokenIds, promptTokens } = begin;
  return [
    { type: "start", id, model, promptTokens, cachedTokens, ...(promptTokenIds === null ? {} : { promptTokenIds }) },
    ...pieces.map((piece): GenerationEvent => ({ ...piece, choice: 0 })),
  ];
}
