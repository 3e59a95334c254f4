import type { OutputPiece } from "../chat/output-parser.ts";

/** Reads a choice's text as it comes; what it releases does not depend on how the text is cut. */
export interface OutputReader {
  /** The stop sequence that ended the text, null while none has. */
  readonly stopped: string | null;
  feed(text: string): readonly OutputPiece[];
  /** Releases what was held back. */
  finish(): readonly OutputPiece[];
}
