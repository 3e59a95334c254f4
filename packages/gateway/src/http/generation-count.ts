import type { GenerationEvent } from "@arriero/spec";
import type { Tally } from "./tally.ts";

/**
 * Counts one generation into its request's tally. Tokens are counted as their ids come, so that those made for a caller
 * who then left are counted too. Where an upstream sends no ids, its usage says at the end how many there were; an answer
 * that never came to its end is counted by its pieces.
 */
export class GenerationCount {
  readonly #tally: Tally;
  #prompt = 0;
  #tokens = 0;
  #pieces = 0;
  #settled = false;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  count(event: GenerationEvent, now: number): void {
    this.#tally.count(event, now);
    switch (event.type) {
      case "start":
        this.#prompt += event.promptTokens;
        return;
      case "text":
      case "reasoning":
      case "tool-call":
        this.#pieces++;
        this.#tokens += event.tokens.length;
        return;
      case "finish":
        this.#tokens += event.tokens.length;
        return;
      case "usage":
        this.#tally.promptTokens += event.promptTokens - this.#prompt;
        this.#tally.completionTokens += event.completionTokens - this.#tokens;
        this.#settled = true;
        return;
      case "error":
        return;
      default:
        event satisfies never;
    }
  }

  /** The generation is over, whole or not. */
  end(): void {
    if (!this.#settled && this.#tokens === 0) this.#tally.completionTokens += this.#pieces;
    this.#settled = true;
  }
}
