/** Text to token ids and back, without weights. */
export interface Tokenizer {
  readonly size: number;
  /** Text of BOS and EOS as templates want them; "" where the model has none. */
  readonly bosText: string;
  readonly eosText: string;
  /**
   * @param addSpecial adds BOS and the like where the model wants them
   * @param parseSpecial reads control tokens spelled in the text as such
   */
  tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Int32Array;
  /** UTF-8 bytes; empty for control tokens. */
  piece(token: number): Uint8Array;
  /** Control tokens spelled out. */
  spell(token: number): string;
  isControl(token: number): boolean;
}
