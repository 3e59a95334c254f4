import { AnswerSpoilt } from "../upstream-broken.ts";

/**
 * Finds chunks that were delivered twice. Two equal chunks in a row may also be two equal words; what tells them apart is
 * the count of tokens. Where chunks carry a running count, a repeated one says the same count and is dropped. Where only
 * the end says how many there were, too many pieces mean that a repeated one was passed on: the answer is not whole.
 */
export class RepeatedChunks {
  #last = "";
  #suspects = 0;

  /** Whether this chunk is certainly the last one again. */
  isRepeated(raw: string, runningCount: boolean): boolean {
    const same = raw === this.#last;
    this.#last = raw;
    if (same && !runningCount) this.#suspects++;
    return same && runningCount;
  }

  /** A run of chunks of one kind, in none of which a count runs. @param repeats within it */
  passed(first: string, last: string, repeats: number): void {
    this.#suspects += repeats + (first === this.#last ? 1 : 0);
    this.#last = last;
  }

  /**
   * Exact for servers that send a token a piece. Those that send less than a token a piece have too many either way, and
   * then nothing can be said.
   * @throws AnswerSpoilt where the suspects, and they alone, explain the surplus
   */
  check(pieces: number, tokens: number | null): void {
    if (tokens === null || this.#suspects === 0) return;
    if (pieces > tokens && pieces - this.#suspects <= tokens) {
      throw new AnswerSpoilt("replica_failed", `The backend sent a piece twice: ${pieces} pieces for ${tokens} tokens.`);
    }
  }
}
