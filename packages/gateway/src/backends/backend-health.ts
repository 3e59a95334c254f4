import type { BackendDescription } from "@arriero/spec";
import { type BreakerState, breakerAdmits, CLOSED_BREAKER, reduceBreaker } from "../health/circuit-breaker.ts";
import { type GapHistogram, NO_GAPS, observeGaps } from "../health/gap-histogram.ts";
import { latencyAt, observeLatency, type PeakEwma } from "../health/peak-ewma.ts";
import { stallBound } from "../health/stall-bound.ts";
import { wholePatience } from "../health/whole-patience.ts";
import type { BackendSnapshot } from "../routing/backend-snapshot.ts";
import { MinuteWindow } from "./minute-window.ts";

/** Gaps between tokens that are counted together: the histogram is copied each time. */
const GAPS_TOGETHER = 32;

/** One attempt at a backend, from lending to its end. */
export interface BackendWork {
  /** How long to wait for an answer asked for in one piece; 0: it is better streamed. */
  readonly wholeMs: number;
  firstToken(now: number): void;
  gap(ms: number): void;
  /** How it ended for the backend's good name; a caller who leaves says nothing about it. */
  end(outcome: WorkOutcome, now: number): void;
}

export type WorkOutcome =
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly retryAfterMs: number | null }
  | { readonly kind: "left" };

/** What is known of one backend: the reducers of `health/`, fed with what its attempts showed. Bounded by construction. */
export class BackendHealth {
  readonly backend: BackendDescription;
  readonly #readySince: number;
  readonly #idleMs: () => number;
  readonly #minute = new MinuteWindow();
  #breaker: BreakerState = CLOSED_BREAKER;
  #firstToken: PeakEwma | null = null;
  #gaps: GapHistogram = NO_GAPS;
  /** How long whole answers took, and those not counted yet. */
  #answers: GapHistogram = NO_GAPS;
  readonly #lately: number[] = [];
  #wholeMs = 0;
  #requests = 0;
  #tokens = 0;

  /** @param idleMs silence that counts as a stall until the backend's own habit is known */
  constructor(backend: BackendDescription, now: number, idleMs: () => number) {
    this.backend = backend;
    this.#readySince = now;
    this.#idleMs = idleMs;
  }

  /** As of `BackendWork`. */
  get wholeMs(): number {
    return this.#wholeMs;
  }

  get stallMs(): number {
    return stallBound(this.#gaps, this.#idleMs());
  }

  /** @param held of the request's prompt, and of adapters */
  snapshot(
    now: number,
    ejected: boolean,
    draining: boolean,
    held: Pick<BackendSnapshot, "prefixTokens" | "adapters">,
  ): BackendSnapshot {
    return {
      backend: this.backend,
      ready: true,
      draining,
      breaker: breakerAdmits(this.#breaker, now),
      ejected,
      outstanding: { tokens: this.#tokens, requests: this.#requests },
      lastMinute: this.#minute.at(now),
      firstTokenMs: latencyAt(this.#firstToken, now),
      stallMs: this.stallMs,
      readyForMs: now - this.#readySince,
      ...held,
    };
  }

  /**
   * @param tokens prompt and answer together, estimated
   * @param onOutcome told once whether it went well; not where the caller left
   */
  begin(tokens: number, now: number, onOutcome: (ok: boolean, at: number) => void = () => undefined): BackendWork {
    const probe = breakerAdmits(this.#breaker, now) === "as-probe";
    this.#breaker = reduceBreaker(this.#breaker, { kind: "attempt" }, now);
    this.#requests++;
    this.#tokens += tokens;
    this.#minute.add(tokens, now);
    const gaps: number[] = [];
    let ended = false;
    return {
      wholeMs: this.#wholeMs,
      firstToken: (at) => {
        this.#firstToken = observeLatency(this.#firstToken, at - now, at);
      },
      gap: (ms) => {
        if (gaps.push(ms) < GAPS_TOGETHER) return;
        this.#gaps = observeGaps(this.#gaps, gaps.splice(0));
      },
      end: (outcome, at) => {
        if (ended) return;
        ended = true;
        this.#requests--;
        this.#tokens -= tokens;
        if (gaps.length > 0) this.#gaps = observeGaps(this.#gaps, gaps);
        if (outcome.kind === "success") this.#took(at - now);
        if (outcome.kind !== "left") onOutcome(outcome.kind === "success", at);
        // A probe that says nothing is given up by time.
        if (outcome.kind !== "left") this.#breaker = reduceBreaker(this.#breaker, { ...outcome, probe }, at);
      },
    };
  }

  #took(ms: number): void {
    if (this.#lately.push(ms) < GAPS_TOGETHER) return;
    this.#answers = observeGaps(this.#answers, this.#lately.splice(0));
    this.#wholeMs = wholePatience(this.#answers);
  }
}
