import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { openai } from "@arriero/dialects";
import { type Clock, type Replica, systemClock } from "@arriero/fleet";
import { ArrieroError, type ReplicaStatus, type RoutedModel } from "@arriero/spec";
import { type LoggedRequest, logAccess } from "./access-log.ts";
import { Accounts } from "./accounts/accounts.ts";
import { askReplica } from "./affinity/ask-replica.ts";
import { PrefixAffinity } from "./affinity/prefix-affinity.ts";
import { BackendSet, type BackendSetOptions } from "./backends/backend-set.ts";
import { RoutedCatalogue } from "./backends/routed-catalogue.ts";
import { RoutedModels } from "./backends/routed-models.ts";
import type { BatchRunner } from "./batches/batch-runner.ts";
import { openWork, type Work, type WorkOptions } from "./batches/open-work.ts";
import { CACHE_HEADER, cacheAsked } from "./cache/cache-rule.ts";
import { NO_RESPONSE_CACHE, ResponseCache } from "./cache/response-cache.ts";
import { GenerationDesk } from "./chats/generation-desk.ts";
import { EXPRESS_PATH, ExpressLane } from "./express/express-lane.ts";
import { CLOSED_BY_CALLER, type HandedOver } from "./express/express-turn.ts";
import { GATEWAY_LIMITS, type GatewayLimits } from "./gateway-limits.ts";
import type { Gateway, GatewayOptions } from "./gateway-options.ts";
import { type AccessRules, admit, isOpenToLocal, isPersonAccess } from "./http/access.ts";
import { answerClientError } from "./http/client-error.ts";
import { Exchange } from "./http/exchange.ts";
import type { KeySource } from "./http/key-source.ts";
import { isOwner, type Principal } from "./http/principal.ts";
import { matchRoute, type Route } from "./http/route.ts";
import { StaticKeys } from "./http/static-keys.ts";
import { Inference } from "./inference.ts";
import { readOnlyLibrary } from "./library/read-only-library.ts";
import type { LiveSettings } from "./live-settings.ts";
import { mayLogWords } from "./logs/prompt-logging.ts";
import { Transcript } from "./logs/transcript.ts";
import { Mailer } from "./mail/mailer.ts";
import { GatewayMetrics } from "./metrics.ts";
import { IdleUnload } from "./models/idle-unload.ts";
import type { ModelCatalogue } from "./models/known-models.ts";
import { LaunchedModels } from "./models/launched-models.ts";
import { PageFiles } from "./page/page-files.ts";
import { requestIds } from "./request-id.ts";
import { allRoutes } from "./routes/all-routes.ts";
import { WholeAnswers } from "./routes/openai-whole.ts";
import { callerResidency, type OrganisationPolicies } from "./routing/caller-residency.ts";
import { NO_RESIDENCY } from "./routing/residency.ts";
import { ROUTING_HEADER, routingHeader } from "./routing/routing-header.ts";
import type { Shared } from "./shared/open-shared.ts";
import type { OpenStore } from "./store/gateway-store.ts";
import { StoreDoor } from "./store/store-door.ts";
import { StoredKeys } from "./store/stored-keys.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { EnginePools } from "./upstream/engine-pools.ts";
import { EngineUpstream } from "./upstream/engine-upstream.ts";
import { replicaPicker } from "./upstream/replica-picker.ts";
import { Accounting } from "./usage/accounting.ts";

/** How often Node looks for connections over their time; bounds how late a timeout is. */
const TIMEOUT_CHECK_MS = 500;
const MAX_HEADER_BYTES = 16 * 1024;
/** From ending the last requests on close to cutting their connections. */
const LAST_WORDS_MS = 500;

/** Throws config_invalid when a key is needed and none is given, port_in_use when the port is taken. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock = systemClock, log, redisUrl } = options;
  // Its client is loaded only where it is wanted.
  const shared = redisUrl === undefined ? null : (await import("./shared/open-shared.ts")).openShared(redisUrl, clock, log);
  const server = new GatewayServer(options, shared, await openTracing(options));
  await server.listen();
  return server;
}

class GatewayServer implements Gateway {
  readonly #options: GatewayOptions;
  /** The one object that all parts read their bounds from, at each use: a reload writes into it. */
  readonly #limits: { -readonly [Name in keyof GatewayLimits]: GatewayLimits[Name] };
  readonly #clock: Clock;
  readonly #rules: AccessRules;
  readonly #pools = new EnginePools();
  readonly #metrics: GatewayMetrics;
  readonly #routes: readonly Route[];
  #organisations: OrganisationPolicies;
  readonly #idle: IdleUnload;
  readonly #accounts: Accounts;
  readonly #page: PageFiles | null;
  readonly #desk: GenerationDesk;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #door: StoreDoor | null;
  readonly #accounting: Accounting | null;
  readonly #affinity: PrefixAffinity;
  readonly #shared: Shared | null;
  readonly #tracing: Tracing | null;
  readonly #routed: RoutedModels;
  readonly #setOptions: BackendSetOptions;
  readonly #batches: BatchRunner | null;
  readonly #cache: ResponseCache;
  /** null: there is no store to know keys and keep accounts by. */
  readonly #express: ExpressLane | null;
  readonly #running = new Set<Answering>();
  #inferences = 0;
  #closing: Promise<void> | null = null;

  constructor(options: GatewayOptions, shared: Shared | null, tracing: Tracing | null) {
    this.#options = options;
    this.#tracing = tracing;
    this.#shared = shared;
    this.#limits = { ...GATEWAY_LIMITS, ...options.limits };
    this.#organisations = options.routing?.organisations ?? new Map();
    this.#clock = options.clock ?? systemClock;
    this.#door = options.openStore === undefined ? null : this.#storeDoor(options.openStore);
    this.#accounting = this.#door === null ? null : this.#accountingBehind(this.#door);
    const storedKeys = this.#door === null ? null : new StoredKeys({ store: this.#door, clock: this.#clock });
    this.#rules = {
      openToLocal: isOpenToLocal({ ...options, store: this.#door !== null }),
      keys: [new StaticKeys(options.keys), ...(storedKeys === null ? [] : [storedKeys])],
    };
    this.#metrics = new GatewayMetrics(() => options.fleet.list());
    this.#idle = new IdleUnload(options.fleet, this.#clock);
    const services = { pools: this.#pools, limits: this.#limits, clock: this.#clock };
    this.#affinity = new PrefixAffinity({ ask: (address) => askReplica(services, address), clock: this.#clock });
    shared?.sharePrefixes(this.#affinity);
    const inference = { ...services, replicas: options.fleet, affinity: this.#affinity };
    const { models, ownRegions, residency } = options.routing ?? { models: [], residency: NO_RESIDENCY, ownRegions: [] };
    const replicas: BackendSetOptions["replicas"] = (model, signal, marks) => replicaPicker(inference, model, signal, marks);
    this.#setOptions = { services, replicas, affinity: this.#affinity, idleMs: () => this.#limits.idleMs, draw: Math.random };
    const routed = new RoutedModels([], residency, ownRegions);
    this.#routed = routed;
    routed.replace(this.#backendSets(models), residency, ownRegions);
    const known = new LaunchedModels(new RoutedCatalogue(options.models, routed, this.#clock.now()));
    this.#cache = new ResponseCache(options.cache ?? NO_RESPONSE_CACHE, this.#clock);
    const inferring = new Inference({ ...inference, routed, cache: this.#cache });
    const work = this.#work(options.work, inferring, known);
    this.#batches = work?.runner ?? null;
    this.#page = options.page === undefined ? null : new PageFiles(options.page);
    this.#accounts = new Accounts({
      door: this.#door,
      clock: this.#clock,
      url: () => options.pageUrl ?? this.url,
      firstVisitToken: options.firstVisitToken ?? null,
      providers: options.providers ?? [],
      trustedProxies: options.trustedProxies ?? 0,
      mailer:
        options.mail === undefined
          ? null
          : new Mailer({ ...options.mail, onFailure: ({ message }) => options.log.warn({ message }, "a mail did not go out") }),
    });
    this.#desk = new GenerationDesk({
      inference: inferring,
      models: known,
      accounting: this.#accounting,
      organisations: { get: (name) => this.#organisations.get(name) },
      clock: this.#clock,
      ask: (question) => this.#accounts.ask(question),
      onTrouble: ({ message }) => options.log.warn({ message }, "generations of the page"),
    });
    const launchedAt = this.#clock.now();
    this.#routes = allRoutes({
      files: work?.files ?? null,
      batches: work?.folder ?? null,
      unfinishedBatches: options.work?.batches.unfinished ?? 0,
      fleet: options.fleet,
      models: known,
      library: options.library ?? readOnlyLibrary(options.models),
      idle: this.#idle,
      clock: this.#clock,
      limits: this.#limits,
      wantsKey: !this.#rules.openToLocal,
      address: () => new URL(this.url).host,
      door: this.#door,
      version: options.version,
      metrics: this.#metrics,
      inference: inferring,
      accounts: this.#accounts,
      desk: this.#desk,
      routed,
      prices: () => this.#accounting?.prices ?? [],
      accounting: this.#accounting,
      organisations: { get: (name) => this.#organisations.get(name) },
      startedAt: launchedAt,
      isDraining: () => this.#closing !== null,
      askStatus: async (replica, signal) => askStatus(replica, (address) => new EngineUpstream(services, address).status(signal)),
    });
    this.#express = storedKeys === null || this.#accounting === null ? null : this.#openExpress(storedKeys, this.#accounting);
    this.#server = this.#createServer();
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : this.#options.port;
  }

  get url(): string {
    const { host } = this.#options;
    const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
    return `http://${shown}:${this.port}`;
  }

  listen(): Promise<void> {
    const options = this.#options;
    const { host, port } = options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        const taken = error.code === "EADDRINUSE";
        reject(taken ? new ArrieroError("port_in_use", `Port ${port} on ${host} is in use.`, { cause: error }) : error);
      });
      this.#server.listen(port, host, () => {
        // Not before: a server that cannot listen must not wake a database.
        this.#batches?.start();
        if (!options.storeOnDemand) this.#door?.open();
        this.#door?.whenOpen().then(
          ({ pages }) => {
            if (pages !== undefined && this.#closing === null) this.#desk.open();
          },
          () => undefined,
        );
        resolve();
      });
    });
  }

  isFirstVisit(): Promise<boolean> {
    return this.#accounts.ask(({ people }) => people.isFirstVisit()).catch(() => false);
  }

  async reload(read: () => Promise<LiveSettings | null>): Promise<void> {
    try {
      const next = await read();
      if (next !== null) this.#takeOver(next);
      this.#metrics.configReload(next === null ? "unchanged" : "applied");
    } catch (thrown) {
      this.#metrics.configReload("refused");
      throw thrown;
    }
  }

  /** What can be refused comes first, so that a refusal changes nothing. */
  #takeOver({ budgets, cache, limits, prices, routing: { models, organisations, ownRegions, residency } }: LiveSettings): void {
    this.#routed.replace(this.#backendSets(models), residency, ownRegions);
    this.#organisations = organisations ?? new Map();
    Object.assign(this.#limits, limits);
    this.#cache.replace(cache);
    if (this.#accounting !== null) Object.assign(this.#accounting, { prices, budgets: budgets ?? new Map() });
    this.#server.headersTimeout = limits.headersMs;
    this.#server.requestTimeout = limits.headersMs + limits.requestMs;
    this.#server.keepAliveTimeout = limits.keepAliveMs;
    this.#server.maxConnections = limits.connections;
  }

  #backendSets(models: readonly RoutedModel[]): BackendSet[] {
    return models.map((model) => new BackendSet(model, this.#setOptions, this.#routed.find(model.name)));
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // Clients open connections ahead of need. To Node one that has said nothing is not idle: it would be waited for as for headers.
    setImmediate(() => {
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    });
    // What the page's generations have is written, and the next server goes on with them.
    await this.#desk.close();
    const cancelAbort = this.#clock.after(this.#limits.drainMs, () => {
      for (const answering of this.#running) answering.abort(new ArrieroError("draining", "This server is stopping."));
    });
    const cancelCut = this.#clock.after(this.#limits.drainMs + LAST_WORDS_MS, () => this.#server.closeAllConnections());
    await Promise.all([closed, this.#batches?.close(this.#limits.drainMs)]);
    cancelAbort();
    cancelCut();
    this.#idle.close();
    this.#affinity.close();
    this.#shared?.close();
    await this.#tracing?.close();
    await this.#pools.close();
    await this.#door?.close();
  }

  #work(options: WorkOptions | undefined, inference: Inference, models: ModelCatalogue): Work | null {
    if (options === undefined) return null;
    const { log, version } = this.#options;
    return openWork(options, {
      answers: new WholeAnswers({ inference, models, version }),
      accounting: this.#accounting,
      door: this.#door,
      organisations: () => this.#organisations,
      lineBytes: this.#limits.bodyBytes,
      clock: this.#clock,
      log,
    });
  }

  #storeDoor(open: OpenStore): StoreDoor {
    const { log } = this.#options;
    const limits = this.#limits;
    return new StoreDoor({
      open,
      clock: this.#clock,
      get storeMs() {
        return limits.storeMs;
      },
      onFailure: ({ message }) => log.error({ message }, "the store of keys and usage did not open; trying again"),
    });
  }

  #accountingBehind(door: StoreDoor): Accounting {
    const { budgets, log, prices = [] } = this.#options;
    return new Accounting({
      door,
      clock: this.#clock,
      prices,
      budgets,
      sharing: this.#shared?.uses,
      onForgotten: () => log.warn("a request is in no ledger: too many wait for the store to open"),
    });
  }

  #createServer(): Server {
    const server = createServer(
      {
        headersTimeout: this.#limits.headersMs,
        requestTimeout: this.#limits.headersMs + this.#limits.requestMs,
        keepAliveTimeout: this.#limits.keepAliveMs,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        maxHeaderSize: MAX_HEADER_BYTES,
        noDelay: true,
      },
      (request, response) => {
        if (this.#express?.take(request, response) !== true) this.#answer(request, response, null);
      },
    );
    server.maxConnections = this.#limits.connections;
    server.on("clientError", answerClientError);
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  /** @param begun what the short way did with it before; null: nothing */
  #answer(request: IncomingMessage, response: ServerResponse, begun: HandedOver | null): void {
    // The answer to an error may fail itself; the connection is all that may suffer.
    this.#serve(request, response, begun).catch(() => response.destroy());
  }

  #openExpress(keys: KeySource, accounting: Accounting): ExpressLane {
    const { logs, version } = this.#options;
    return new ExpressLane({
      keys,
      accounting,
      routed: this.#routed,
      organisations: () => this.#organisations,
      isKept: (model) => this.#cache.isKept(model),
      clock: this.#clock,
      version,
      isOpen: () => {
        if (this.#closing !== null || this.#tracing !== null || logs?.prompts === true) return false;
        return this.#limits.hedgeMs === 0 && this.#inferences < this.#limits.requests;
      },
      begin: (turn) => this.#begin(turn, true),
      end: (turn, status) => {
        if (status === null) {
          this.#leave(turn, true);
          this.#metrics.left();
        } else this.#told(turn, EXPRESS_PATH, "POST", status, this.#clock.now());
      },
      handOver: (request, response, begun) => this.#answer(request, response, begun),
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, begun: HandedOver | null): Promise<void> {
    const ids = begun?.ids ?? requestIds(request.headers["x-request-id"]);
    const exchange = new Exchange({ request, response, ids, limits: this.#limits, clock: this.#clock, begun });
    exchange.account = begun?.account ?? null;
    const method = request.method ?? "GET";
    const match = matchRoute(this.#routes, method, (request.url ?? "/").split("?", 1)[0] ?? "/");
    const route = match.kind === "route" ? match.route : null;
    this.#begin(exchange, route?.inference === true);
    if (this.#options.logs?.prompts && route?.inference) exchange.tally.transcript = new Transcript();
    if (this.#tracing !== null) exchange.tally.trace = this.#tracing.begin(exchange, route);
    // Both must be over: a caller who leaves ends the answer, and what was made by then is counted until the handler ends.
    let over = 0;
    const settle = (): void => {
      if (++over === 2) exchange.account?.end(exchange.error, this.#clock.now());
    };
    response.once("close", () => {
      this.#end(exchange, route, method, response);
      settle();
    });
    if (this.#closing !== null) exchange.setHeader("connection", "close");
    try {
      switch (match.kind) {
        case "not-found":
          if (this.#sendPage(exchange, request, method)) return;
          throw new ArrieroError("not_found", `There is no route ${request.url?.split("?", 1)[0] ?? "/"}.`);
        case "options":
          exchange.sendBytes(204, null, { allow: match.allow });
          return;
        case "method-not-allowed":
          exchange.setHeader("allow", match.allow);
          throw new ArrieroError("method_not_allowed", `This route takes ${match.allow}, not ${method}.`);
        case "route":
          // A browser that opens the server's address wants the page; Ollama's clients ask there whether it lives.
          if (match.route.path === "/" && this.#sendPage(exchange, request, method)) return;
          exchange.parameter = match.parameter;
          await this.#admit(exchange, match.route, method, request);
          this.#refuseWhenOverloaded(match.route);
          if (begun?.refusal != null) throw begun.refusal;
          if (match.route.inference && exchange.account === null) await this.#accounting?.enter(exchange);
          await match.route.handler(exchange);
          return;
        default:
          match satisfies never;
      }
    } catch (thrown) {
      this.#answerError(exchange, response, route, thrown);
    } finally {
      settle();
    }
  }

  /** A file of the page, where the path is one. It is public, as whoever signs in has to see it. */
  #sendPage(exchange: Exchange, { headers, url = "/" }: IncomingMessage, method: string): boolean {
    if (method !== "GET" && method !== "HEAD") return false;
    const { accept, "accept-encoding": encodings, "if-none-match": known } = headers;
    const file = this.#page?.find(url.split("?", 1)[0] ?? "/", { accept, encodings: String(encodings ?? "") }) ?? null;
    if (file === null) return false;
    if (known === file.headers.etag) exchange.sendBytes(304, null, file.headers);
    else exchange.sendBytes(200, file.bytes, file.headers);
    return true;
  }

  async #admit(exchange: Exchange, { access }: Route, method: string, request: IncomingMessage): Promise<void> {
    if (isPersonAccess(access)) {
      exchange.person = await this.#accounts.admit(access, method, request.headers);
      return;
    }
    exchange.principal = await admit(this.#rules, access, request.headers);
    this.#bindResidency(exchange, request);
  }

  #bindResidency(exchange: Exchange, request: IncomingMessage): void {
    const { principal, tally } = exchange;
    if (principal === null) return;
    tally.residency = callerResidency(principal, this.#organisations, request);
    this.#offerCache(exchange, principal, request);
    if (!isOwner(principal)) return;
    // To others it would tell what the server has.
    tally.onDecision = (decisions) => {
      if (!exchange.headersSent) exchange.setHeader(ROUTING_HEADER, routingHeader(decisions));
    };
  }

  #offerCache(exchange: Exchange, { id, organisation }: Principal, request: IncomingMessage): void {
    const { tally } = exchange;
    const asked = cacheAsked(request.headers[CACHE_HEADER]);
    if (!this.#cache.isOn) return;
    const owner = JSON.stringify([organisation, id]);
    tally.cache = { asked, owner, identity: "", seeded: false };
    tally.onCache = (outcome) => {
      if (!exchange.headersSent) exchange.setHeader(CACHE_HEADER, outcome);
    };
  }

  #refuseWhenOverloaded(route: Route): void {
    if (!route.inference) return;
    if (this.#closing !== null) throw new ArrieroError("draining", "This server is stopping.");
    if (this.#inferences > this.#limits.requests) {
      const message = `${this.#limits.requests} requests are being answered, which is the limit.`;
      throw new ArrieroError("queue_full", message, { retryAfter: 1 });
    }
  }

  #mayLogWords({ tally: { residency } }: Exchange): boolean {
    const { logs } = this.#options;
    const policy = this.#routed.residencyFor(residency);
    return logs !== undefined && mayLogWords(policy, this.#routed.isHereAllowed(residency), logs);
  }

  #answerError(exchange: Exchange, response: ServerResponse, route: Route | null, thrown: unknown): void {
    const error = ArrieroError.wrap(thrown);
    exchange.error = error;
    if (response.destroyed) return;
    if (response.headersSent) {
      // The dialect ends its streams with the error itself; what comes here broke outside of it.
      response.destroy();
      return;
    }
    const answer = (route?.formatError ?? openai.formatError)(error, exchange.ids.request);
    exchange.sendJson(answer.status, answer.body, answer.headers);
  }

  #begin(answering: Answering, isInference: boolean): void {
    this.#running.add(answering);
    if (isInference) this.#inferences++;
    this.#metrics.begin();
  }

  #leave(answering: Answering, isInference: boolean): void {
    this.#running.delete(answering);
    if (isInference) this.#inferences--;
  }

  #end(exchange: Exchange, route: Route | null, method: string, response: ServerResponse): void {
    const status = response.writableFinished ? response.statusCode : CLOSED_BY_CALLER;
    if (!response.writableFinished && exchange.signal.aborted) exchange.error ??= ArrieroError.wrap(exchange.signal.reason);
    const now = this.#clock.now();
    const name = route?.path ?? "unknown";
    exchange.error ??= exchange.tally.error;
    this.#tracing?.end(exchange, method, name, status, now);
    if (exchange.tally.transcript !== null && !this.#mayLogWords(exchange)) exchange.tally.transcript = null;
    this.#told(exchange, name, method, status, now, route?.inference === true);
  }

  #told(told: Answering & LoggedRequest, route: string, method: string, status: number, now: number, isInference = true): void {
    this.#leave(told, isInference);
    this.#metrics.end(route, told, status, now);
    logAccess(this.#options.log, method, route, told, status, now);
    // A kept-alive connection becomes idle only now; while draining nobody else would close it.
    if (this.#closing !== null) setImmediate(() => this.#server.closeIdleConnections());
  }
}

/** A request that is being answered, on either way. */
interface Answering {
  abort(reason: ArrieroError): void;
}

async function askStatus(
  replica: Replica,
  ask: (address: NonNullable<Replica["address"]>) => Promise<ReplicaStatus>,
): Promise<ReplicaStatus | null> {
  if (replica.address === null || replica.state !== "ready") return null;
  try {
    return await ask(replica.address);
  } catch {
    // It may be busy dying; what the supervisor knows is shown all the same.
    return null;
  }
}
