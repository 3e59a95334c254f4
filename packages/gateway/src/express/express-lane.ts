import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@arriero/fleet";
import type { RoutedModels } from "../backends/routed-models.ts";
import { CACHE_HEADER } from "../cache/cache-rule.ts";
import type { KeySource } from "../http/key-source.ts";
import type { Principal } from "../http/principal.ts";
import { DATA_CLASS_NAME, REGIONS_NAME } from "../routing/asked-residency.ts";
import type { OrganisationPolicies } from "../routing/caller-residency.ts";
import type { Accounting } from "../usage/accounting.ts";
import { ExpressTurn, type HandedOver } from "./express-turn.ts";

export const EXPRESS_PATH = "/v1/chat/completions";
/** A body that fits into few packets. */
const MOST_BYTES = 64 * 1024;
/** What they ask for is not plain. */
const SAYING_MORE = ["content-encoding", "expect", "origin", "x-api-key", CACHE_HEADER, DATA_CLASS_NAME, REGIONS_NAME] as const;

export interface ExpressServices {
  readonly keys: KeySource;
  readonly accounting: Accounting;
  readonly routed: RoutedModels;
  organisations(): OrganisationPolicies;
  /** Whether answers of the model are kept to be given again. */
  isKept(model: string): boolean;
  readonly clock: Clock;
  readonly version: string;
  /** Nothing is wanted now that only the server's usual way does: traces, words in the log, hedges, a drain. */
  isOpen(): boolean;
  /** One more request is being answered. */
  begin(turn: ExpressTurn): void;
  /** It is no more; with a status where it was answered or its caller left, else the usual way goes on with it. */
  end(turn: ExpressTurn, status: number | null): void;
  /** Goes on with a request as if nothing had happened to it. */
  handOver(request: IncomingMessage, response: ServerResponse, begun: HandedOver): void;
}

/**
 * The short way through the gateway, for most of what an API is asked under load: a plain chat for a whole answer, by an
 * issued key, from backends of OpenAI's dialect whose answers are short. It keeps every rule of the usual way (key, scope,
 * limits, residency, routing, health, ledger, metrics, log) and decides nothing by itself: whatever is not plain, and
 * whatever goes wrong before an answer is here, is left to the usual way, which continues as it does from any attempt.
 */
export class ExpressLane {
  readonly #services: ExpressServices;

  constructor(services: ExpressServices) {
    this.#services = services;
  }

  /** false: the request is for the usual way; nothing of it was touched. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.url !== EXPRESS_PATH || request.method !== "POST" || !this.#services.isOpen()) return false;
    const { headers } = request;
    if (headers["content-type"] !== "application/json") return false;
    const length = Number(headers["content-length"]);
    if (!(length > 0 && length <= MOST_BYTES)) return false;
    for (const name of SAYING_MORE) if (headers[name] !== undefined) return false;
    const principal = this.#principal(headers.authorization);
    if (principal === null) return false;
    new ExpressTurn({ services: this.#services, request, response, principal, length }).begin();
    return true;
  }

  #principal(authorization: string | undefined): Principal | null {
    if (authorization === undefined || !authorization.startsWith("Bearer ")) return null;
    try {
      const found = this.#services.keys.find(authorization.slice("Bearer ".length));
      if (!(found instanceof Promise)) return found;
      // The usual way waits for the same and says what is wrong with it, as it does with what is thrown.
      found.catch(() => undefined);
    } catch {}
    return null;
  }
}
