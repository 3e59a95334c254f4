import { ArrieroError } from "@arriero/spec";
import { streamChat } from "../client/chat-client.ts";
import type { Endpoint } from "../client/endpoint.ts";
import { type LoadPlan, loadPrompt } from "./load-plan.ts";

/** Gaps kept for the quantiles; of more, every further one replaces an old one by turns. */
const MOST_GAPS = 200_000;
/** Failures in a row, without a single answer between them, after which the rest is not tried. */
const MOST_FAILURES = 50;

/** What was measured. Durations in milliseconds. */
export interface LoadResult {
  readonly elapsedMs: number;
  readonly completed: number;
  /** Error code -> requests that ended by it. */
  readonly errors: Readonly<Record<string, number>>;
  readonly latencies: readonly number[];
  /** To the first text of each answer. */
  readonly firsts: readonly number[];
  /** Between two pieces of one answer. */
  readonly gaps: readonly number[];
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly stopped: boolean;
}

export interface LoadProgress {
  readonly completed: number;
  readonly failed: number;
  readonly running: number;
  readonly elapsedMs: number;
  readonly completionTokens: number;
}

/** The measurements while they come in. */
class Tally {
  readonly latencies: number[] = [];
  readonly firsts: number[] = [];
  readonly gaps: number[] = [];
  readonly errors: Record<string, number> = {};
  completed = 0;
  failed = 0;
  failedInRow = 0;
  running = 0;
  promptTokens = 0;
  cachedTokens = 0;
  completionTokens = 0;
  #gapCount = 0;

  gap(ms: number): void {
    if (this.gaps.length < MOST_GAPS) this.gaps.push(ms);
    else this.gaps[this.#gapCount % MOST_GAPS] = ms;
    this.#gapCount++;
  }

  fail(code: string): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
    this.failed++;
    this.failedInRow++;
  }
}

export interface LoadOptions {
  readonly endpoint: Endpoint;
  readonly plan: LoadPlan;
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  now(): number;
  onProgress(progress: LoadProgress): void;
}

/** Sends the plan's requests, `concurrency` at a time, until it ends, is stopped, or nothing works. */
export async function runLoad({ endpoint, now, onProgress, plan, signal }: LoadOptions): Promise<LoadResult> {
  const began = now();
  const tally = new Tally();
  let next = 0;
  const more = (): boolean => {
    if (signal.aborted || tally.failedInRow >= MOST_FAILURES) return false;
    return plan.end.kind === "requests" ? next < plan.end.count : now() - began < plan.end.ms;
  };
  const report = () => {
    const { completed, completionTokens, failed, running } = tally;
    onProgress({ completed, completionTokens, failed, running, elapsedMs: now() - began });
  };
  const worker = async (): Promise<void> => {
    while (more()) {
      const index = next++;
      tally.running++;
      await one(endpoint, plan, index, tally, { now, signal, report });
      tally.running--;
      report();
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, worker));
  const { cachedTokens, completed, completionTokens, errors, firsts, gaps, latencies, promptTokens } = tally;
  return {
    elapsedMs: now() - began,
    completed,
    errors,
    latencies,
    firsts,
    gaps,
    promptTokens,
    cachedTokens,
    completionTokens,
    stopped: signal.aborted,
  };
}

async function one(
  endpoint: Endpoint,
  plan: LoadPlan,
  index: number,
  tally: Tally,
  { now, report, signal }: { now(): number; report(): void; signal: AbortSignal },
): Promise<void> {
  const sent = now();
  let last: number | null = null;
  const body = {
    model: plan.model,
    messages: [{ role: "user" as const, content: loadPrompt(plan, index) }],
    max_tokens: plan.maxTokens,
    temperature: 0,
  };
  try {
    for await (const piece of streamChat(endpoint, body, signal)) {
      if (piece.kind === "usage") {
        tally.promptTokens += piece.usage.promptTokens;
        tally.cachedTokens += piece.usage.cachedTokens;
        tally.completionTokens += piece.usage.completionTokens;
      } else if (piece.kind === "text" || piece.kind === "reasoning") {
        const at = now();
        if (last === null) tally.firsts.push(at - sent);
        else tally.gap(at - last);
        last = at;
        report();
      }
    }
    tally.latencies.push(now() - sent);
    tally.completed++;
    tally.failedInRow = 0;
  } catch (thrown) {
    if (!signal.aborted) tally.fail(ArrieroError.wrap(thrown).code);
  }
}
