import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { StepStats } from "../step/step-event.ts";

const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const TOKEN_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * What a replica tells Prometheus, in seconds and tokens. The `vllm:*` names are what autoscalers and inference
 * gateways ask for; they show the same figures as our own.
 */
export class EngineMetrics {
  readonly registry = new Registry();
  readonly #ttft: Histogram;
  readonly #interToken: Histogram;
  readonly #queue: Histogram;
  readonly #step: Histogram;
  readonly #requests: Counter<"outcome">;
  #stats: StepStats = {
    running: 0,
    waiting: 0,
    cells: { used: 0, cached: 0, total: 0, parked: 0 },
    promptTokens: 0,
    cachedTokens: 0,
    generatedTokens: 0,
    preemptions: 0,
    steps: 0,
  };

  constructor(model: string) {
    const registers = [this.registry];
    this.registry.setDefaultLabels({ model_name: model });
    const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ name, help, buckets, registers });
    this.#ttft = histogram("arriero_ttft_seconds", "Time from arrival to first token", LATENCY_BUCKETS);
    this.#interToken = histogram("arriero_inter_token_latency_seconds", "Time between two tokens of one stream", TOKEN_BUCKETS);
    this.#queue = histogram("arriero_queue_seconds", "Time from arrival to admission", LATENCY_BUCKETS);
    this.#step = histogram("arriero_step_seconds", "Duration of one step of the engine loop", TOKEN_BUCKETS);
    this.#requests = new Counter({
      name: "arriero_requests_total",
      help: "Requests by outcome",
      labelNames: ["outcome"],
      registers,
    });
    this.#gauge(["arriero_requests_running", "vllm:num_requests_running"], "Sequences that run", (stats) => stats.running);
    this.#gauge(["arriero_requests_waiting", "vllm:num_requests_waiting"], "Sequences that wait", (stats) => stats.waiting);
    this.#gauge(
      ["arriero_kv_utilisation_ratio", "vllm:kv_cache_usage_perc"],
      "Share of KV cells held by running sequences, 0..1",
      inUse,
    );
    this.#gauge(["arriero_kv_cached_ratio"], "Share of KV cells that hold reusable prefixes", ({ cells }) =>
      ratio(cells.cached, cells.total),
    );
    this.#gauge(
      ["arriero_prefix_parked_tokens"],
      "Tokens of idle prefixes kept outside of the KV cells",
      ({ cells }) => cells.parked,
    );
    this.#gauge(
      ["arriero_prefix_hit_ratio", "vllm:gpu_prefix_cache_hit_rate"],
      "Share of prompt tokens taken from the prefix tree",
      hitRatio,
    );
    this.#counter(
      ["arriero_prompt_tokens_total", "vllm:prompt_tokens_total"],
      "Prompt tokens of admitted requests",
      (stats) => stats.promptTokens,
    );
    this.#counter(
      ["arriero_generated_tokens_total", "vllm:generation_tokens_total"],
      "Tokens generated",
      (stats) => stats.generatedTokens,
    );
    this.#counter(
      ["arriero_preemptions_total", "vllm:num_preemptions_total"],
      "Sequences paused for room or urgency",
      (stats) => stats.preemptions,
    );
  }

  get stats(): StepStats {
    return this.#stats;
  }

  get prefixHitRatio(): number {
    return hitRatio(this.#stats);
  }

  stepped(stats: StepStats, stepMs: number): void {
    this.#stats = stats;
    if (stepMs > 0) this.#step.observe(stepMs / 1000);
  }

  started(queueMs: number): void {
    this.#queue.observe(queueMs / 1000);
  }

  firstToken(ms: number): void {
    this.#ttft.observe(ms / 1000);
  }

  interToken(ms: number): void {
    this.#interToken.observe(ms / 1000);
  }

  finished(outcome: "done" | "cancelled" | "failed"): void {
    this.#requests.inc({ outcome });
  }

  #gauge(names: readonly string[], help: string, value: (stats: StepStats) => number): void {
    const read = () => value(this.#stats);
    for (const name of names) {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    }
  }

  /** A total kept by the worker: set to its figure at each reading. */
  #counter(names: readonly string[], help: string, value: (stats: StepStats) => number): void {
    const read = () => value(this.#stats);
    for (const name of names) {
      new Counter({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    }
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function inUse({ cells }: StepStats): number {
  return ratio(cells.used - cells.cached, cells.total);
}

function hitRatio(stats: StepStats): number {
  return ratio(stats.cachedTokens, stats.promptTokens);
}
