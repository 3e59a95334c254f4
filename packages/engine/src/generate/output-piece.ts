/** A stretch of a choice's output, once it is known what it is. */
export type OutputPiece =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | {
      readonly type: "tool-call";
      readonly index: number;
      /** On the first piece of a call. */
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
    };

/** Reads a choice's text as it comes; what it releases does not depend on how the text is cut. */
export interface OutputReader {
  /** The stop sequence that ended the text, null while none has. */
  readonly stopped: string | null;
  feed(text: string): readonly OutputPiece[];
  /** Releases what was held back. */
  finish(): readonly OutputPiece[];
}
