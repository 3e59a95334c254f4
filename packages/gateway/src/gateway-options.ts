import type { Clock } from "@arriero/fleet";
import type { Logger } from "pino";
import type { ProviderSettings } from "./accounts/providers/provider-settings.ts";
import type { WorkOptions } from "./batches/open-work.ts";
import type { ResponseCacheOptions } from "./cache/response-cache.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { ModelLibrary } from "./library/model-library.ts";
import type { ConfiguredBudgets } from "./limits/organisation-budgets.ts";
import type { LiveSettings, RoutingSettings } from "./live-settings.ts";
import type { PromptLogging } from "./logs/prompt-logging.ts";
import type { MailSettings } from "./mail/mailer.ts";
import type { ModelCatalogue } from "./models/known-models.ts";
import type { FleetView } from "./routes/fleet.ts";
import type { OpenStore } from "./store/gateway-store.ts";
import type { TracingOptions } from "./tracing/tracing-options.ts";
import type { ReplicaSource } from "./upstream/replica-picker.ts";
import type { ModelPrice } from "./usage/model-price.ts";

export interface GatewayOptions {
  /** Address to bind. On one that other machines can reach a key is always required. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly fleet: FleetView & ReplicaSource;
  readonly models: ModelCatalogue;
  readonly routing?: RoutingSettings;
  /** Through which callers add and remove models; without it they cannot. */
  readonly library?: ModelLibrary;
  /** Also local callers need a key. */
  readonly requireKey: boolean;
  readonly keys: readonly string[];
  /**
   * Where issued keys and usage are kept; opened once the server listens. Without it only `keys` are known, and nothing is
   * kept of requests.
   */
  readonly openStore?: OpenStore | undefined;
  /** A Redis through which gateways share limits of keys and what replicas hold; without it each knows its own alone. */
  readonly redisUrl?: string | undefined;
  /** The store is opened when somebody opens the page, and not before: nothing is kept of requests until then. */
  readonly storeOnDemand?: boolean;
  /** The built page's folder; without it there is none. */
  readonly page?: string;
  /** Under which people reach the page, where that is not this server's own address. */
  readonly pageUrl?: string;
  /** By which mails go out; without it none do. */
  readonly mail?: MailSettings;
  /** OpenID Connect providers that people sign in by. */
  readonly providers?: readonly ProviderSettings[];
  /** How many proxies stand in front of this server, each of which appends to `X-Forwarded-For`; 0 where left out. */
  readonly trustedProxies?: number;
  /** Wanted of whoever makes the owner's account; absent: anyone on this machine may. */
  readonly firstVisitToken?: string;
  /** The first that names a model counts; one without a price costs nothing. */
  readonly prices?: readonly ModelPrice[];
  /** Budgets of organisations, by name, beside those that the store keeps. */
  readonly budgets?: ConfiguredBudgets;
  readonly limits?: Partial<GatewayLimits>;
  /** Traces of requests are told to a collector; without it none are made. */
  readonly tracing?: TracingOptions | undefined;
  /** Without it no answer is kept to be given again. */
  readonly cache?: ResponseCacheOptions;
  /** Where uploaded files and batches are kept; without it there are none. */
  readonly work?: WorkOptions;
  /** Whether the log has words of prompts and answers; without it none. */
  readonly logs?: PromptLogging | undefined;
  readonly log: Logger;
  readonly version: string;
  readonly clock?: Clock;
}

export interface Gateway {
  readonly url: string;
  readonly port: number;
  /**
   * Takes over what `read` gives, null being nothing new. Running requests end under what they began with. Where `read` or
   * what it gives fails, that is thrown and everything stays as it was.
   */
  reload(read: () => Promise<LiveSettings | null>): Promise<void>;
  /** Nobody has an account here yet; false too where that cannot be told. */
  isFirstVisit(): Promise<boolean>;
  /** Stops accepting, lets running requests finish within `drainMs`, ends the rest with `draining`. Idempotent. */
  close(): Promise<void>;
}
