import type { Clock } from "@arriero/fleet";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  ENGINE_ROUTES,
  ERROR_CATALOGUE,
  type ErrorBody,
  type GenerationEvent,
  type GenerationRequest,
  type HeldPrefixes,
  type PrefixMark,
  type ReplicaAddress,
  type ReplicaStatus,
  type RerankRequest,
  type RerankResult,
  type TokenizeRequest,
  type TokenizeResult,
} from "@arriero/spec";
import type { Dispatcher } from "undici";
import type { GatewayLimits } from "../gateway-limits.ts";
import { traceHeaders } from "../tracing/outgoing-trace.ts";
import type { EnginePools } from "./engine-pools.ts";
import { EventLines } from "./event-lines.ts";
import type { Upstream, UpstreamCapabilities } from "./upstream.ts";
import { isReplicaFault, UpstreamBroken } from "./upstream-broken.ts";
import { Watchdog } from "./watchdog.ts";

const STATUS_TIMEOUT_MS = 2_000;
/** From a generation's last event to the end of its answer. */
const END_TIMEOUT_MS = 1_000;
/** An error answer longer than this is not ours. */
const MAX_ERROR_CHARS = 1024 * 1024;

export interface UpstreamServices {
  readonly pools: EnginePools;
  readonly clock: Clock;
  readonly limits: Pick<GatewayLimits, "firstEventMs" | "idleMs">;
}

/** One replica of our own engine, spoken to over HTTP. */
export class EngineUpstream implements Upstream {
  readonly capabilities: UpstreamCapabilities = { exactResume: true, assistantPrefill: false, honoursSeed: true };
  readonly #services: UpstreamServices;
  readonly #address: ReplicaAddress;
  readonly #marks: readonly PrefixMark[] | null;

  /** @param marks of the prompts it is sent, by which it tells later what it holds; null: nobody will ask */
  constructor(services: UpstreamServices, address: ReplicaAddress, marks: readonly PrefixMark[] | null = null) {
    this.#services = services;
    this.#address = address;
    this.#marks = marks;
  }

  /** A restarted replica has another address, and is another upstream. */
  get id(): string {
    return this.#address.url;
  }

  /** The events of a generation, up to `usage` or `error`; never less without throwing. Leaving early cancels it. */
  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const { clock, limits } = this.#services;
    const dog = new Watchdog(clock, signal);
    let body: Dispatcher.ResponseData["body"] | null = null;
    let last: GenerationEvent | null = null;
    // Between `start` and the first token lies the prefill of the whole prompt: that silence is no stall.
    let streaming = false;
    try {
      dog.arm(limits.firstEventMs, () => tooLate(`The replica sent nothing within ${limits.firstEventMs} ms.`));
      const response = await this.#send(ENGINE_ROUTES.generate, this.#marked(request), dog.signal);
      body = response.body;
      const lines = new EventLines();
      for await (const chunk of body) {
        // Not running while the consumer is busy: a slow caller is no stalled replica.
        dog.disarm();
        const events: Iterable<GenerationEvent> = last === null ? lines.push(chunk) : [];
        for (const event of events) {
          if (event.type === "usage" || event.type === "error") last = event;
          else {
            streaming ||= event.type !== "start";
            yield event;
          }
        }
        const patience = streaming ? limits.idleMs : limits.firstEventMs;
        if (last === null) dog.arm(patience, () => silent(patience));
        // Read to its end the connection can serve the next request; the end follows at once.
        else dog.arm(END_TIMEOUT_MS, () => silent(END_TIMEOUT_MS));
      }
      if (last === null) throw brokenOff();
    } catch (thrown) {
      if (last === null || signal.aborted) throw explain(thrown, signal, dog.signal);
    } finally {
      dog.release();
      body?.on("error", () => undefined).destroy();
    }
    yield last;
  }

  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    return this.#ask<EmbeddingResult>(ENGINE_ROUTES.embed, request, signal, this.#services.limits.firstEventMs);
  }

  rerank(request: RerankRequest, signal: AbortSignal): Promise<RerankResult> {
    return this.#ask<RerankResult>(ENGINE_ROUTES.rerank, request, signal, this.#services.limits.firstEventMs);
  }

  tokenize(request: TokenizeRequest, signal: AbortSignal): Promise<TokenizeResult> {
    return this.#ask<TokenizeResult>(ENGINE_ROUTES.tokenize, request, signal, this.#services.limits.firstEventMs);
  }

  prefixes(signal: AbortSignal): Promise<HeldPrefixes> {
    return this.#ask<HeldPrefixes>(ENGINE_ROUTES.prefixes, null, signal, STATUS_TIMEOUT_MS);
  }

  status(signal: AbortSignal): Promise<ReplicaStatus> {
    return this.#ask<ReplicaStatus>(ENGINE_ROUTES.status, null, signal, STATUS_TIMEOUT_MS);
  }

  #marked(request: GenerationRequest): GenerationRequest {
    return this.#marks === null ? request : { ...request, prefixMarks: [...this.#marks] };
  }

  /** A JSON answer within `timeoutMs`. The replica is our own process: its answer has the shape the route promises. */
  async #ask<T>(route: EngineRoute, body: unknown, signal: AbortSignal, timeoutMs: number): Promise<T> {
    const dog = new Watchdog(this.#services.clock, signal);
    try {
      dog.arm(timeoutMs, () => tooLate(`The replica did not answer within ${timeoutMs} ms.`));
      const response = await this.#send(route, body, dog.signal);
      return (await response.body.json()) as T;
    } catch (thrown) {
      throw explain(thrown, signal, dog.signal);
    } finally {
      dog.release();
    }
  }

  async #send(route: EngineRoute, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const headers = { authorization: `Bearer ${this.#address.token}`, "content-type": "application/json" };
    const trace = traceHeaders();
    const response = await this.#services.pools.at(this.#address.url).request({
      method: route.method,
      path: route.path,
      headers: trace === null ? headers : { ...headers, ...trace },
      body: body === null ? null : JSON.stringify(body),
      signal,
    });
    if (response.statusCode === 200) return response;
    throw await readRefusal(response);
  }
}

type EngineRoute = (typeof ENGINE_ROUTES)["generate" | "embed" | "rerank" | "tokenize" | "status" | "prefixes"];

/** Before the first event. The bound is far above any queue: a replica that exceeds it is as good as gone. */
function tooLate(message: string): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("upstream_timeout", message));
}

/** Within a stream: a replica that decodes does not pause. */
function silent(ms: number): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("upstream_timeout", `The replica fell silent for ${ms} ms.`));
}

function brokenOff(): UpstreamBroken {
  return new UpstreamBroken(
    new ArrieroError("replica_failed", "The replica ended the stream before the generation was complete."),
  );
}

async function readRefusal(response: Dispatcher.ResponseData): Promise<Error> {
  const text = (await response.body.text()).slice(0, MAX_ERROR_CHARS);
  const body = parseErrorBody(text);
  if (body === null) {
    return new UpstreamBroken(
      new ArrieroError("replica_failed", `The replica answered ${response.statusCode} without an error body.`),
    );
  }
  const error = ArrieroError.from(body);
  return isReplicaFault(error.code) ? new UpstreamBroken(asReplicaFault(error)) : error;
}

/** The replica's `unauthorized` is between it and us; the caller did nothing wrong. */
function asReplicaFault(error: ArrieroError): ArrieroError {
  return error.code === "unauthorized" ? new ArrieroError("replica_failed", "The replica does not know this gateway.") : error;
}

function parseErrorBody(text: string): ErrorBody | null {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorBody };
    return error !== undefined && Object.hasOwn(ERROR_CATALOGUE, error.code) ? error : null;
  } catch {
    return null;
  }
}

/** What a failed exchange means: the caller left, the replica was too late, a coded refusal, or else it died. */
function explain(thrown: unknown, caller: AbortSignal, dog: AbortSignal): unknown {
  if (caller.aborted) return ArrieroError.wrap(caller.reason);
  if (dog.aborted) return dog.reason;
  if (thrown instanceof UpstreamBroken || thrown instanceof ArrieroError) return thrown;
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return new UpstreamBroken(
    new ArrieroError("replica_failed", `The connection to the replica broke: ${cause}.`, { cause: thrown }),
  );
}
