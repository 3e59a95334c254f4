import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_ENVIRONMENT, ENGINE_MAIN } from "@arriero/engine";
import { ModelHost } from "@arriero/fleet";
import type { GatewayOptions } from "@arriero/gateway";
import { ArrieroError, type ReplicaState } from "@arriero/spec";
import type { Logger } from "pino";
import type { Config, KeyReference } from "../config/config-schema.ts";
import { engineSettings } from "../config/engine-settings.ts";
import { isLoopback } from "../config/listen-address.ts";
import type { HomeFolder } from "../home/home-folder.ts";
import { ensureKeys, parseKeys, readKeys } from "../home/key-file.ts";
import { version } from "../invocation/version.ts";
import { openStore } from "../models/open-store.ts";
import { liveSettings } from "./live-settings.ts";
import { modelLibrary } from "./model-library.ts";
import { otlpSettings } from "./otlp-settings.ts";
import { fleetLog } from "./server-log.ts";
import { storeOpener } from "./store-opener.ts";

/** As `npm run build` leaves the page. */
const PAGE_FOLDER = fileURLToPath(new URL("../../../web/dist", import.meta.url));
const TOKEN_BYTES = 18;

/** What a replica gets on top of its drain, to write its snapshot and go. */
const STOP_MARGIN_MS = 10_000;

/** Gateway and replicas in this process, as `up`, `run` and `bench` start them. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** A key that it accepts; null where it asks for none. */
  readonly key: string | null;
  /** Made just now, to be shown once; null otherwise. */
  readonly createdKey: string | null;
  /** States of the replicas of the first model, for progress. */
  states(): readonly ReplicaState[];
  /** Resolves when the first model answers; rejects with why it cannot. */
  readonly ready: Promise<void>;
  /** Takes over what can change while it runs. `read` gives null where nothing did. Throws what is wrong; then nothing changed. */
  reload(read: () => Promise<Config | null>): Promise<void>;
  /** The token that makes whoever has it the owner; null: it is not needed, or the server has its owner. */
  firstVisit(): Promise<string | null>;
  /** Finishes what runs, stops the replicas. Idempotent. */
  close(): Promise<void>;
}

function readReference(reference: KeyReference, env: Readonly<Record<string, string | undefined>>): string[] {
  if ("env" in reference) {
    const value = env[reference.env];
    if (value) return [value];
    throw new ArrieroError("config_invalid", `keys: the environment variable ${reference.env} is not set.`);
  }
  const path = resolve(reference.file);
  if (!existsSync(path)) throw new ArrieroError("config_invalid", `keys: there is no file ${path}.`);
  return parseKeys(readFileSync(path, "utf8"));
}

async function keysOf(config: Config, home: HomeFolder, env: Readonly<Record<string, string | undefined>>) {
  const referred = config.keys.flatMap((reference) => readReference(reference, env));
  const wanted = config.requireKey || !isLoopback(config.host);
  if (!wanted || referred.length > 0) return { keys: [...referred, ...(await readKeys(home))], createdKey: null };
  const { keys, created } = await ensureKeys(home);
  return { keys, createdKey: created ? (keys[0] ?? null) : null };
}

function mailSettings({ from, password, url, user }: Config["mail"]): Pick<GatewayOptions, "mail"> {
  return url === null || from === null ? {} : { mail: { url, from, user, password } };
}

export interface ServerSources {
  /** The only key accepted, whatever the configuration says: for a server that lives as long as one command. */
  readonly onlyKey?: string;
  readonly config: Config;
  readonly home: HomeFolder;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** Starts the server and begins to load its first model. Throws port_in_use, config_invalid and model_not_found. */
export async function startServer({ config, home, env, log, onlyKey }: ServerSources): Promise<RunningServer> {
  const store = openStore(home);
  const { keys, createdKey } = onlyKey === undefined ? await keysOf(config, home, env) : { keys: [onlyKey], createdKey: null };
  // A model that is not there is found out before a port is taken.
  const first = await store.resolve(config.model);
  const models = new ModelHost({
    resolve: (name) => store.resolve(name),
    replicasPerModel: config.replicas,
    maxLoaded: config.maxLoaded,
    entry: ENGINE_MAIN,
    environment: ENGINE_ENVIRONMENT,
    engine: engineSettings(config),
    snapshotRoot: home.snapshots,
    limits: { stopGraceMs: config.limits.drainMs + STOP_MARGIN_MS },
    log: fleetLog(log),
  });
  // Whoever reaches this server first must not become its owner by that alone.
  const firstVisitToken = isLoopback(config.host) ? null : randomBytes(TOKEN_BYTES).toString("base64url");
  // The engine loads its libraries and the model while this process loads the gateway.
  const replicas = await models.replicas(first.name);
  const gateway = await listen().catch(async (thrown: unknown) => {
    await models.close();
    throw thrown;
  });
  const ready = Promise.any(replicas.map((replica) => replica.whenReady())).then(
    () => undefined,
    (failures: AggregateError) => {
      throw failures.errors[0];
    },
  );
  // Who does not wait for it still hears of it by the log.
  ready.catch((thrown: unknown) => log.error({ err: thrown }, `${first.name} could not be loaded`));
  let closing: Promise<void> | null = null;
  return {
    url: gateway.url,
    port: gateway.port,
    key: keys[0] ?? null,
    createdKey,
    states: () =>
      models
        .list()
        .filter(({ model }) => model === first.name)
        .map(({ state }) => state),
    ready,
    reload: (read) =>
      gateway.reload(async () => {
        const changed = await read();
        return changed === null ? null : liveSettings(changed);
      }),
    firstVisit: async () => (firstVisitToken !== null && (await gateway.isFirstVisit()) ? firstVisitToken : null),
    close() {
      closing ??= gateway.close().finally(() => models.close());
      return closing;
    },
  };

  async function listen() {
    const { startGateway } = await import("@arriero/gateway");
    const { host, port, requireKey } = config;
    const stored = onlyKey === undefined ? storeOpener({ config, home, env, log }) : null;
    return startGateway({
      host,
      port,
      models: {
        defaultModel: first.name,
        list: () => store.list(),
        resolve: (name) => store.resolve(name),
        describe: (name) => store.describe(name),
      },
      ...(await liveSettings(config)),
      library: modelLibrary(store, config.library.publishers),
      fleet: models,
      requireKey: requireKey || onlyKey !== undefined,
      keys,
      // A server that lives as long as one command shares nothing.
      logs: config.logs,
      tracing: onlyKey === undefined ? otlpSettings(env) : undefined,
      redisUrl: (onlyKey === undefined && env.REDIS_URL) || undefined,
      ...(stored === null ? {} : { openStore: stored.open, storeOnDemand: stored.onDemand, page: PAGE_FOLDER }),
      ...(firstVisitToken === null ? {} : { firstVisitToken }),
      ...(config.pageUrl === null ? {} : { pageUrl: config.pageUrl }),
      ...mailSettings(config.mail),
      providers: config.signIn.providers,
      trustedProxies: config.trustedProxies,
      work: { folder: home.work, files: config.files, batches: config.batches },
      log,
      version: version(),
    });
  }
}
