import type { GenerationEvent } from "@arriero/spec";

/** Tokens of one generation, or of several together. */
export interface TokenCount {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** Of the completion's. */
  readonly reasoningTokens: number;
}

export const NO_TOKENS: TokenCount = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };

/**
 * What one generation has cost so far, by the events that its caller is given: each token comes once, whichever upstreams
 * made it. An upstream that gives no token ids is counted by its pieces, about a token each, until its own account at the
 * end settles it. Counted in place: it hears of every event of every stream.
 */
export class GenerationCount implements TokenCount {
  promptTokens = 0;
  cachedTokens = 0;
  #completion = 0;
  #reasoning = 0;
  #hasIds = false;
  /** With a token for each piece. */
  #completionPieces = 0;
  #reasoningPieces = 0;

  get completionTokens(): number {
    return this.#hasIds ? this.#completion : this.#completionPieces;
  }

  get reasoningTokens(): number {
    return this.#hasIds ? this.#reasoning : this.#reasoningPieces;
  }

  add(event: GenerationEvent): void {
    switch (event.type) {
      case "start":
        this.promptTokens = event.promptTokens;
        this.cachedTokens = event.cachedTokens;
        return;
      case "text":
      case "reasoning":
        this.#addOutput(event.tokens.length, event.pieces ?? 1, event.type === "reasoning");
        return;
      case "tool-call":
        this.#addOutput(event.tokens.length, 1, false);
        return;
      case "finish":
        this.#addTokens(event.tokens.length, false);
        return;
      case "usage":
        this.promptTokens = event.promptTokens;
        this.cachedTokens = event.cachedTokens;
        this.#completion = event.completionTokens;
        this.#reasoning = event.reasoningTokens;
        this.#hasIds = true;
        return;
      case "error":
        return;
      default:
        event satisfies never;
    }
  }

  #addOutput(tokens: number, pieces: number, isReasoning: boolean): void {
    this.#completionPieces += pieces;
    if (isReasoning) this.#reasoningPieces += pieces;
    this.#addTokens(tokens, isReasoning);
  }

  #addTokens(tokens: number, isReasoning: boolean): void {
    if (tokens === 0) return;
    this.#hasIds = true;
    this.#completion += tokens;
    if (isReasoning) this.#reasoning += tokens;
  }
}
