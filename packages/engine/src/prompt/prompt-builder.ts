import type { GrammarDefinition } from "@arriero/ggml";
import type { GenerationRequest } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { OutputReader } from "../generate/output-piece.ts";
import { PlainOutput } from "../generate/plain-output.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Everything the engine derives from a request's input. */
export interface BuiltPrompt {
  readonly tokens: Int32Array;
  readonly grammar: GrammarDefinition | null;
  /** A reader for one choice's output. */
  createReader(choice: number): OutputReader;
  /** Called with each finished choice's output. */
  remember(output: string, tokens: readonly number[]): void;
}

export class PromptBuilder {
  readonly #tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer, _template: string | null) {
    this.#tokenizer = tokenizer;
  }

  build(request: GenerationRequest): BuiltPrompt {
    const { input } = request;
    if (input.kind === "chat") throw new ArrieroError("unsupported", "chat comes later");
    const tokens = input.kind === "text" ? this.#tokenizer.tokenize(input.text, true, true) : Int32Array.from(input.tokens);
    return { tokens, grammar: null, createReader: () => new PlainOutput(request.stop), remember: () => {} };
  }
}
