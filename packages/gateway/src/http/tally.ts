import { ArrieroError, type GenerationEvent, type ResidencyPolicy } from "@arriero/spec";
import type { CacheAsked, CacheOutcome } from "../cache/cache-rule.ts";
import type { Transcript } from "../logs/transcript.ts";
import { combineResidency } from "../routing/residency.ts";
import type { RoutingAudit } from "../routing/routing-audit.ts";
import type { RequestTrace } from "../tracing/request-trace.ts";
import { GenerationCount, NO_TOKENS, type TokenCount } from "./generation-count.ts";

/** What stands for a backend where an answer came from the response cache. */
const CACHE_BACKEND = "cache";

/** What the response cache has to know of a request, beside the request itself. */
export interface CacheContext {
  readonly asked: CacheAsked;
  /** Organisation and key of the caller. */
  readonly owner: string;
  /** Which file and adapter the model's name stands for. */
  readonly identity: string;
  /** The seed was named by somebody, not drawn for this request. */
  readonly seeded: boolean;
}

/** What is kept of a request that tries again and again. */
const MOST_DECISIONS = 16;

/** Hears of what a tally counts. */
export interface TallyWatcher {
  /** Something was counted at `now`. */
  counted(now: number): void;
}

/** Takes the events of one generation, as many as came at once. */
export interface GenerationTally {
  count(events: readonly GenerationEvent[], now: number): void;
}

/**
 * What one request cost, for its log line, the metrics and the ledger. Counts also what was made for a caller who then
 * left. A request may have several generations.
 */
export class Tally implements TokenCount {
  /** As resolved; null until the body was understood. */
  model: string | null = null;
  adapter: string | null = null;
  /** Times that an upstream was asked for an answer. */
  attempts = 0;
  /** Where the caller's organisation, its key and the request itself let its bytes go; null: they say nothing. */
  residency: ResidencyPolicy | null = null;
  /** Routing decisions, the first few: one an attempt. */
  readonly decisions: RoutingAudit[] = [];
  /** Hears of each of them. */
  onDecision: ((decisions: readonly RoutingAudit[]) => void) | null = null;
  /** What the response cache has to know of the request; null: it takes no part. */
  cache: CacheContext | null = null;
  /** What came of that. */
  cacheOutcome: CacheOutcome | null = null;
  /** Hears of it. */
  onCache: ((outcome: CacheOutcome) => void) | null = null;
  /** The backend asked last, of those the configuration names; null: replicas of this server. */
  backend: string | null = null;
  /** Replicas lost and replaced on the way. */
  continuations = 0;
  /** Two upstreams were asked for the first token, and this one gave the answer; null: one was asked. */
  hedge: "first" | "second" | null = null;
  /** Milliseconds since the epoch. */
  firstTokenAt: number | null = null;
  /** Milliseconds in the upstream's queue, as it says at the end. */
  queueMs: number | null = null;

  /** What ended a generation before its time, be the answer begun or not. */
  error: ArrieroError | null = null;

  watcher: TallyWatcher | null = null;
  /** null: nobody keeps the words. */
  transcript: Transcript | null = null;
  /** null: the request is not traced. */
  trace: RequestTrace | null = null;
  /** Of each generation, and of what came as one piece. */
  readonly #counts: TokenCount[] = [];

  get promptTokens(): number {
    return this.#sum("promptTokens");
  }

  get cachedTokens(): number {
    return this.#sum("cachedTokens");
  }

  get completionTokens(): number {
    return this.#sum("completionTokens");
  }

  get reasoningTokens(): number {
    return this.#sum("reasoningTokens");
  }

  /** Adds to where the bytes may go; never widens it. */
  narrow(asked: ResidencyPolicy | null): void {
    if (asked !== null) this.residency = combineResidency(this.residency === null ? [] : [this.residency], asked);
  }

  decide(audit: RoutingAudit): void {
    if (this.decisions.length >= MOST_DECISIONS) return;
    this.decisions.push(audit);
    this.onDecision?.(this.decisions);
  }

  /** Of several generations of one request, a single one that was made makes it no hit. */
  cached(outcome: CacheOutcome): void {
    if (this.cacheOutcome !== null && outcome === "hit") return;
    this.cacheOutcome = outcome;
    if (outcome === "hit") this.backend = CACHE_BACKEND;
    this.onCache?.(outcome);
  }

  attempt(backend: string): void {
    this.backend = backend;
    this.attempts++;
  }

  /** One more generation of this request. */
  generation(): GenerationTally {
    const own = new GenerationCount();
    this.#counts.push(own);
    return {
      count: (events, now) => {
        for (const event of events) {
          own.add(event);
          this.transcript?.said(event);
          this.#note(event, now);
        }
        this.watcher?.counted(now);
      },
    };
  }

  /** A prompt that was read for no completion: embedded, or scored. */
  countPrompt(tokens: number, now: number): void {
    this.countOnce({ promptTokens: tokens }, now);
  }

  /** What came as one piece, with its tokens told. */
  countOnce(tokens: Partial<TokenCount>, now: number): void {
    this.#counts.push({ ...NO_TOKENS, ...tokens });
    this.watcher?.counted(now);
  }

  #sum(kind: keyof TokenCount): number {
    let sum = 0;
    for (const count of this.#counts) sum += count[kind];
    return sum;
  }

  #note(event: GenerationEvent, now: number): void {
    switch (event.type) {
      case "start":
        return;
      case "text":
      case "reasoning":
      case "tool-call":
      case "finish":
        this.firstTokenAt ??= now;
        return;
      case "usage":
        this.queueMs = event.timings.queueMs;
        return;
      case "error":
        this.error = ArrieroError.from(event.error);
        return;
      default:
        event satisfies never;
    }
  }
}
