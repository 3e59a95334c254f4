import type { Clock } from "@arriero/fleet";
import type { EmbeddingRequest, EmbeddingResult, GenerationEvent, GenerationRequest } from "@arriero/spec";
import { Contender } from "./contender.ts";
import type { LentUpstream, PickUpstream } from "./continuation.ts";
import type { Upstream, UpstreamCapabilities } from "./upstream.ts";

export interface HedgeOptions {
  /** An upstream that gave no token for so long gets a rival. */
  readonly afterMs: number;
  readonly clock: Clock;
  /** Whether all requests together may be hedged once more; asked when it comes to it. */
  mayHedge(): boolean;
  /** A second upstream was asked, and this one's answer is the one that is given. */
  onWinner(winner: LentUpstream, which: "first" | "second"): void;
}

/**
 * Where the first upstream is slow with its first token, a second is asked the same, and whoever is first with a token
 * gives the answer (Dean and Barroso, The Tail at Scale, 2013); the other is cancelled. The second is chosen by the same
 * `pick`, so every rule that binds the first binds it. What breaks later is continued as any other answer, without hedges.
 */
export function hedged(pick: PickUpstream, options: HedgeOptions): PickUpstream {
  return async (avoid, patienceMs) => {
    const first = await pick(avoid, patienceMs);
    // Only the first attempt: the caller of a broken answer waits for no slow prompt.
    if (patienceMs !== null) return first;
    const second = () => pick(new Map([...avoid, [first.upstream.id, Number.POSITIVE_INFINITY]]), 0).catch(() => null);
    return new HedgedUpstream(first, second, options);
  };
}

class HedgedUpstream implements Upstream, LentUpstream {
  readonly upstream: Upstream = this;
  readonly capabilities: UpstreamCapabilities;
  /** The winner's, once there is one. */
  readonly notice: AbortSignal;
  readonly #notice = new AbortController();
  readonly #second: () => Promise<LentUpstream | null>;
  readonly #options: HedgeOptions;
  /** Who gives the answer; until that is known, the first. */
  #winner: LentUpstream;

  constructor(first: LentUpstream, second: () => Promise<LentUpstream | null>, options: HedgeOptions) {
    this.capabilities = first.upstream.capabilities;
    this.notice = this.#notice.signal;
    this.#second = second;
    this.#options = options;
    this.#winner = first;
  }

  get id(): string {
    return this.#winner.upstream.id;
  }

  get name(): string | undefined {
    return this.#winner.name;
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const first = new Contender(this.#winner, request, signal);
    let rival: Contender | null = null;
    let winner = first;
    let forgetNotice = (): void => undefined;
    try {
      if (await this.#isSlow(first)) rival = await this.#rival(first, request, signal);
      if (rival !== null) {
        winner = await Contender.race(first, rival);
        await (winner === first ? rival : first).leave();
        this.#winner = winner.lent;
        this.#options.onWinner(winner.lent, winner === first ? "first" : "second");
      }
      forgetNotice = this.#heedNotice(winner.lent);
      yield* winner.events();
    } finally {
      forgetNotice();
      await winner.leave();
      if (rival !== null) (winner === first ? rival : first).lent.release();
    }
  }

  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    return this.#winner.upstream.embed(request, signal);
  }

  release(): void {
    this.#winner.release();
  }

  /** Whether the first has neither begun its answer nor failed within the time. */
  #isSlow(first: Contender): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(this.#options.afterMs, () => resolve(true));
      void first.begun.then(() => {
        cancel();
        resolve(false);
      });
    });
  }

  async #rival(first: Contender, request: GenerationRequest, signal: AbortSignal): Promise<Contender | null> {
    if (signal.aborted || !this.#options.mayHedge()) return null;
    const second = await this.#second();
    if (second === null) return null;
    // The record of the answer has to know whether token ids come; and who has begun meanwhile needs no rival.
    if (first.hasBegun || second.upstream.capabilities.exactResume !== this.capabilities.exactResume) {
      second.release();
      return null;
    }
    return new Contender(second, request, signal);
  }

  /** The function returned stops it: the notice may be of a process that serves for months. */
  #heedNotice({ notice }: LentUpstream): () => void {
    const onNotice = (): void => this.#notice.abort();
    if (notice?.aborted) onNotice();
    else notice?.addEventListener("abort", onNotice, { once: true });
    return () => notice?.removeEventListener("abort", onNotice);
  }
}
