import type { LlamaFunctions } from "./llama-functions.ts";
import { NativeError } from "./native-error.ts";
import type { VocabPointer } from "./pointers.ts";

const INITIAL_PIECE_BYTES = 64;

/** A model's tokenizer. Borrowed from the model and valid as long as it. */
export class Vocabulary {
  readonly pointer: VocabPointer;
  /** Number of tokens; ids are 0..size-1. */
  readonly size: number;
  /** -1 where the vocabulary has none. */
  readonly bos: number;
  readonly eos: number;
  readonly addsBos: boolean;
  readonly #llama: LlamaFunctions;
  /** Filled on demand, so at most `size` entries each. */
  readonly #pieces: (Uint8Array | undefined)[];
  readonly #endOfGeneration: (boolean | undefined)[];

  constructor(llama: LlamaFunctions, pointer: VocabPointer) {
    this.#llama = llama;
    this.pointer = pointer;
    this.size = llama.vocabTokens(pointer);
    this.bos = llama.vocabBos(pointer);
    this.eos = llama.vocabEos(pointer);
    this.addsBos = llama.vocabAddBos(pointer);
    this.#pieces = new Array(this.size);
    this.#endOfGeneration = new Array(this.size);
  }

  /**
   * Token ids of a text.
   *
   * @param addSpecial adds BOS and the like where the model wants them.
   * @param parseSpecial reads `<|im_start|>` and the like as one token rather than as text.
   */
  tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Int32Array {
    const bytes = Buffer.from(text, "utf8");
    // A token covers at least one byte; two more for BOS and EOS.
    let out = new Int32Array(bytes.length + 2);
    let count = this.#llama.tokenize(this.pointer, bytes, bytes.length, out, out.length, addSpecial, parseSpecial);
    if (count < 0) {
      out = new Int32Array(-count);
      count = this.#llama.tokenize(this.pointer, bytes, bytes.length, out, out.length, addSpecial, parseSpecial);
    }
    if (count < 0) throw new NativeError("refused", `llama_tokenize wants room for ${-count} tokens, had ${out.length}`);
    return out.subarray(0, count);
  }

  /** UTF-8 bytes of a token; empty for control tokens. A token may hold part of a character. Do not modify. */
  piece(token: number): Uint8Array {
    const known = this.#pieces[token];
    if (known !== undefined) return known;
    this.#assertToken(token);
    let buffer = Buffer.alloc(INITIAL_PIECE_BYTES);
    let length = this.#llama.tokenToPiece(this.pointer, token, buffer, buffer.length, 0, false);
    if (length < 0) {
      buffer = Buffer.alloc(-length);
      length = this.#llama.tokenToPiece(this.pointer, token, buffer, buffer.length, 0, false);
    }
    const piece = new Uint8Array(buffer.subarray(0, Math.max(0, length)));
    this.#pieces[token] = piece;
    return piece;
  }

  /** The token's text with control tokens spelled out, for logs and `logprobs`. */
  spell(token: number): string {
    this.#assertToken(token);
    const buffer = Buffer.alloc(256);
    const length = this.#llama.tokenToPiece(this.pointer, token, buffer, buffer.length, 0, true);
    return buffer.toString("utf8", 0, Math.max(0, length));
  }

  isEndOfGeneration(token: number): boolean {
    this.#assertToken(token);
    this.#endOfGeneration[token] ??= this.#llama.vocabIsEog(this.pointer, token);
    return this.#endOfGeneration[token] as boolean;
  }

  isControl(token: number): boolean {
    this.#assertToken(token);
    return this.#llama.vocabIsControl(this.pointer, token);
  }

  #assertToken(token: number): void {
    if (!Number.isInteger(token) || token < 0 || token >= this.size)
      throw new NativeError("refused", `token ${token} is not in 0..${this.size - 1}`);
  }
}
