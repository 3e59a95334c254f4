import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import type { LentUpstream } from "./continuation.ts";
import { isReplicaFault, UpstreamBroken } from "./upstream-broken.ts";

/** One of two upstreams at the same request. What it says before its first token is held until it has won. */
export class Contender {
  readonly lent: LentUpstream;
  /** Resolves with its first token, its end or its failure. Never rejects. */
  readonly begun: Promise<void>;
  hasBegun = false;
  readonly #events: AsyncGenerator<GenerationEvent, void, void>;
  readonly #held: GenerationEvent[] = [];
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #onCaller = (): void => this.#controller.abort(this.#caller.reason);
  #failure: { readonly thrown: unknown } | null = null;

  constructor(lent: LentUpstream, request: GenerationRequest, caller: AbortSignal) {
    this.lent = lent;
    this.#caller = caller;
    if (caller.aborted) this.#onCaller();
    else caller.addEventListener("abort", this.#onCaller, { once: true });
    this.#events = lent.upstream.generate(request, this.#controller.signal);
    this.begun = this.#begin();
  }

  /** Who is first with a token; one that failed loses to the other, whatever that comes to. */
  static async race(a: Contender, b: Contender): Promise<Contender> {
    await Promise.race([a.begun, b.begun]);
    const [early, late] = a.hasBegun ? [a, b] : [b, a];
    if (early.#failure === null) return early;
    await late.begun;
    return late;
  }

  /** All it says, from the beginning. Throws what it failed with. */
  async *events(): AsyncGenerator<GenerationEvent, void, void> {
    await this.begun;
    if (this.#failure !== null) throw this.#failure.thrown;
    yield* this.#held;
    yield* this.#events;
  }

  /** Cancels it, whatever it is doing. */
  async leave(): Promise<void> {
    this.#caller.removeEventListener("abort", this.#onCaller);
    this.#controller.abort(new ArrieroError("cancelled", "Another upstream was faster."));
    await this.begun;
    await this.#events.return().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#events.next();
        if (done)
          throw new UpstreamBroken(new ArrieroError("replica_failed", "The events ended before the answer was complete."));
        this.#held.push(value);
        if (value.type === "error" && isReplicaFault(value.error.code)) throw new UpstreamBroken(ArrieroError.from(value.error));
        if (value.type !== "start") return;
      }
    } catch (thrown) {
      this.#failure = { thrown };
    } finally {
      this.hasBegun = true;
    }
  }
}
