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
 * end settles it.
 */
export class GenerationCount {
  #count = NO_TOKENS;
  #hasIds = false;
  /** As `#count`, with a token for each piece. */
  #pieces = { completionTokens: 0, reasoningTokens: 0 };

  get tokens(): TokenCount {
    return this.#hasIds ? this.#count : { ...this.#count, ...this.#pieces };
  }

  add(event: GenerationEvent): void {
    switch (event.type) {
      case "start":
        this.#count = { ...this.#count, promptTokens: event.promptTokens, cachedTokens: event.cachedTokens };
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
      case "usage": {
        const { cachedTokens, completionTokens, promptTokens, reasoningTokens } = event;
        this.#count = { promptTokens, cachedTokens, completionTokens, reasoningTokens };
        this.#hasIds = true;
        return;
      }
      case "error":
        return;
      default:
        event satisfies never;
    }
  }

  #addOutput(tokens: number, pieces: number, isReasoning: boolean): void {
    const { completionTokens, reasoningTokens } = this.#pieces;
    this.#pieces = {
      completionTokens: completionTokens + pieces,
      reasoningTokens: reasoningTokens + (isReasoning ? pieces : 0),
    };
    this.#addTokens(tokens, isReasoning);
  }

  #addTokens(tokens: number, isReasoning: boolean): void {
    if (tokens === 0) return;
    this.#hasIds = true;
    const { completionTokens, reasoningTokens } = this.#count;
    const reasoning = reasoningTokens + (isReasoning ? tokens : 0);
    this.#count = { ...this.#count, completionTokens: completionTokens + tokens, reasoningTokens: reasoning };
  }
}
