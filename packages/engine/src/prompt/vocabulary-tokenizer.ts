import { Model } from "@arriero/ggml";
import type { Tokenizer } from "./tokenizer.ts";

/** The tokenizer of a GGUF, loaded without its weights, so that the main thread tokenizes while the worker computes. */
export class VocabularyTokenizer implements Tokenizer {
  readonly #model: Model;
  readonly bosText: string;
  readonly eosText: string;

  constructor(path: string) {
    this.#model = Model.load(path, { vocabularyOnly: true });
    const { bos, eos } = this.#model.vocabulary;
    this.bosText = bos < 0 ? "" : this.spell(bos);
    this.eosText = eos < 0 ? "" : this.spell(eos);
  }

  get size(): number {
    return this.#model.vocabulary.size;
  }

  get chatTemplate(): string | null {
    return this.#model.chatTemplate;
  }

  tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Int32Array {
    return this.#model.vocabulary.tokenize(text, addSpecial, parseSpecial);
  }

  piece(token: number): Uint8Array {
    return this.#model.vocabulary.piece(token);
  }

  spell(token: number): string {
    return this.#model.vocabulary.spell(token);
  }

  isControl(token: number): boolean {
    return this.#model.vocabulary.isControl(token);
  }

  dispose(): void {
    this.#model.dispose();
  }
}
