import type { Replica } from "@arriero/fleet";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Exchange } from "./http/exchange.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** As much of an exchange as is counted. */
export type MeasuredRequest = Pick<Exchange, "error" | "startedAt" | "tally">;

export type ReloadResult = "applied" | "unchanged" | "refused";

/** What the gateway counts, each server with a registry of its own. Labels are routes and known models: both few. */
export class GatewayMetrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter("requests_total", "Requests answered.", ["route", "status"]);
  readonly #duration = this.#histogram("request_duration_seconds", "From the request to the end of its answer.", ["route"]);
  readonly #firstToken = this.#histogram("time_to_first_token_seconds", "From the request to the first token for it.", ["model"]);
  readonly #tokens = this.#counter("tokens_total", "Tokens of answered requests; kind is prompt, cached or completion.", [
    "model",
    "kind",
  ]);
  readonly #continuations = this.#counter("continuations_total", "Replicas lost under a request and replaced.", ["model"]);
  readonly #hedges = this.#counter("hedges_total", "Requests for which two upstreams were asked; winner is first or second.", [
    "model",
    "winner",
  ]);
  readonly #broken = this.#counter("broken_answers_total", "Answers that ended in an error after their first byte.", [
    "model",
    "code",
  ]);
  readonly #reloads = this.#counter(
    "config_reload_total",
    "Changed configurations read while running; result is applied, unchanged or refused.",
    ["result"],
  );
  readonly #inFlight = new Gauge({
    name: "arriero_requests_in_flight",
    help: "Requests being answered.",
    registers: [this.#registry],
  });

  constructor(replicas: () => readonly Replica[]) {
    const registers = [this.#registry];
    new Gauge({
      name: "arriero_replicas",
      help: "Replicas by model and state.",
      labelNames: ["model", "state"],
      registers,
      collect() {
        this.reset();
        for (const { model, state } of replicas()) this.inc({ model, state });
      },
    });
    new Gauge({
      name: "arriero_replica_restarts",
      help: "Processes started after a replica's first one, over the replicas loaded now.",
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const { model, restarts } of replicas()) this.inc({ model }, restarts);
      },
    });
    new Gauge({
      name: "arriero_gateway_resident_memory_bytes",
      help: "Resident memory of the gateway's process.",
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  configReload(result: ReloadResult): void {
    this.#reloads.inc({ result });
  }

  begin(): void {
    this.#inFlight.inc();
  }

  /** Another way goes on with a request. */
  left(): void {
    this.#inFlight.dec();
  }

  /** Once for each request, when its answer has ended or its caller has left. */
  end(route: string, exchange: MeasuredRequest, status: number, now: number): void {
    this.#inFlight.dec();
    this.#requests.inc({ route, status });
    this.#duration.observe({ route }, (now - exchange.startedAt) / 1000);
    const { cachedTokens, completionTokens, continuations, firstTokenAt, hedge, model, promptTokens } = exchange.tally;
    if (model === null) return;
    if (firstTokenAt !== null) this.#firstToken.observe({ model }, (firstTokenAt - exchange.startedAt) / 1000);
    this.#tokens.inc({ model, kind: "prompt" }, promptTokens);
    this.#tokens.inc({ model, kind: "cached" }, cachedTokens);
    this.#tokens.inc({ model, kind: "completion" }, completionTokens);
    this.#continuations.inc({ model }, continuations);
    if (hedge !== null) this.#hedges.inc({ model, winner: hedge });
    if (exchange.error !== null && status === 200) this.#broken.inc({ model, code: exchange.error.code });
  }

  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name: `arriero_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[]): Histogram<T> {
    return new Histogram({ name: `arriero_${name}`, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }
}
