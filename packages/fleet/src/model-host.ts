import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ArrieroError, type ReplicaAddress } from "@arriero/spec";
import { type Clock, systemClock } from "./clock.ts";
import type { FleetLogEntry } from "./engine-log.ts";
import { decideEviction } from "./evict-model.ts";
import { type ProbeHealth, probeHealth } from "./health-probe.ts";
import { pickReplica } from "./pick-replica.ts";
import type { Replica, ReplicaLease } from "./replica.ts";
import { replicaId } from "./replica-id.ts";
import { type LaunchReplica, launchEngine } from "./replica-process.ts";
import type { ServedModel } from "./served-model.ts";
import { SupervisedReplica } from "./supervised-replica.ts";
import { SUPERVISION_LIMITS, type SupervisionLimits } from "./supervision-limits.ts";
import { waitUntil } from "./wait-until.ts";

export interface ModelHostOptions {
  /** Throws model_not_found. The model's canonical name is the key under which it is loaded. */
  resolve(name: string): Promise<ServedModel>;
  readonly replicasPerModel: number;
  /** Models loaded at once. */
  readonly maxLoaded: number;
  /** Absolute path of the engine's entry script. */
  readonly entry: string;
  /** Variables the engine is started with, beside the few it inherits. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Engine options that hold for every replica: contextTokens, maxRunning, threads, ... */
  readonly engine: Readonly<Record<string, unknown>>;
  /** Folder under which each replica keeps its prefix-tree snapshot; null: none is kept. */
  readonly snapshotRoot: string | null;
  log(entry: FleetLogEntry): void;
  readonly limits?: Partial<SupervisionLimits>;
  readonly clock?: Clock;
  readonly launch?: LaunchReplica;
  readonly probe?: ProbeHealth;
  readonly newToken?: () => string;
}

export interface LeaseOptions {
  readonly signal?: AbortSignal;
  /** How long to wait for a ready replica, loading included. */
  readonly timeoutMs?: number;
  /** Addresses not to use before the given time (milliseconds since the epoch). */
  readonly avoid?: ReadonlyMap<ReplicaAddress, number>;
  /** Tokens of the request's prompt that a replica need not compute. Asked only where there is a choice. */
  readonly heldTokens?: (address: ReplicaAddress) => number;
}

/** What a replica's grace leaves for writing its snapshot once its requests have ended. */
const SNAPSHOT_MS = 5_000;

interface LoadedModel {
  readonly name: string;
  readonly replicas: readonly SupervisedReplica[];
  lastUsedAt: number;
}

/** The models that this machine serves: each with its replicas, loaded on demand, supervised. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  readonly #limits: SupervisionLimits;
  readonly #clock: Clock;
  readonly #loaded = new Map<string, LoadedModel>();
  readonly #listeners = new Set<() => void>();
  /** Loads and unloads happen one after the other, so that `maxLoaded` holds at every moment. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(options: ModelHostOptions) {
    this.#options = options;
    this.#limits = { ...SUPERVISION_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
  }

  /** The model's replicas, started when it was not loaded; they may not be ready yet. Throws model_not_found. */
  async replicas(model: string): Promise<readonly Replica[]> {
    return (await this.#load(model)).replicas;
  }

  /** Replicas of every loaded model. */
  list(): readonly Replica[] {
    return [...this.#loaded.values()].flatMap((loaded) => loaded.replicas);
  }

  /**
   * The right to send one request to the least busy ready replica of a model, waiting for one when there is none.
   * Throws model_not_found, replica_unavailable (none in time), cancelled, draining, or the replicas' own failure when
   * all of them have failed.
   */
  async lease(model: string, options: LeaseOptions = {}): Promise<ReplicaLease> {
    const timeoutMs = options.timeoutMs ?? this.#limits.loadMs;
    const deadline = this.#clock.now() + timeoutMs;
    for (;;) {
      const loaded = await this.#load(model);
      const pick = (): SupervisedReplica | null => this.#pick(loaded, options);
      const replica = pick();
      if (replica !== null) {
        loaded.lastUsedAt = this.#clock.now();
        return replica.lease();
      }
      const failure = commonFailure(loaded.replicas);
      if (failure !== null) throw failure;
      const left = deadline - this.#clock.now();
      if (left <= 0) throw this.#noneReady(loaded, timeoutMs);
      const holds = (): boolean => pick() !== null || commonFailure(loaded.replicas) !== null || this.#isGone(loaded);
      const patience = Math.min(left, this.#untilForgiven(options.avoid));
      await waitUntil(holds, (listener) => this.#subscribe(listener), this.#clock, patience, options.signal);
    }
  }

  /** Stops a model's replicas. false: it was not loaded. */
  async unload(model: string): Promise<boolean> {
    const name = this.#loaded.has(model) ? model : (await this.#options.resolve(model)).name;
    return this.#inTurn(() => this.#unloadNow(name));
  }

  /** Stops everything: SIGTERM, a bounded wait, SIGKILL. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#changed();
      await Promise.all([this.#turn, ...[...this.#loaded.keys()].map((name) => this.#unloadNow(name))]);
    })();
    return this.#closing;
  }

  async #load(model: string): Promise<LoadedModel> {
    this.#refuseWhenClosing();
    const present = this.#loaded.get(model);
    if (present !== undefined) return revived(present);
    const served = await this.#options.resolve(model);
    const known = this.#loaded.get(served.name);
    if (known !== undefined) return revived(known);
    return this.#inTurn(async () => {
      await this.#makeRoom(served.name);
      this.#refuseWhenClosing();
      const loaded = this.#loaded.get(served.name) ?? this.#begin(served);
      this.#loaded.set(loaded.name, loaded);
      return loaded;
    });
  }

  #begin(served: ServedModel): LoadedModel {
    const { engine, entry, environment, launch, log, newToken, probe, replicasPerModel, snapshotRoot } = this.#options;
    const launcher = launch ?? launchEngine(entry, environment);
    const replicas = Array.from({ length: replicasPerModel }, (_, index) => {
      const id = replicaId(served.name, index);
      const { name, path, adapters, template } = served;
      return new SupervisedReplica({
        id,
        model: name,
        engine: {
          ...engine,
          // The drain and the snapshot after it must end before patience does.
          drainMs: Math.max(
            0,
            Math.min(Number(engine["drainMs"] ?? Number.POSITIVE_INFINITY), this.#limits.stopGraceMs - SNAPSHOT_MS),
          ),
          id,
          model: { name, path, adapters, ...(template === null ? {} : { template }) },
          host: "127.0.0.1",
          port: 0,
          snapshotDir: snapshotRoot === null ? null : join(snapshotRoot, id),
          parentPid: process.pid,
        },
        launch: launcher,
        probe: probe ?? probeHealth,
        newToken: newToken ?? (() => randomBytes(32).toString("hex")),
        limits: this.#limits,
        clock: this.#clock,
        log,
        onChange: () => this.#changed(),
      });
    });
    return { name: served.name, replicas, lastUsedAt: this.#clock.now() };
  }

  async #makeRoom(name: string): Promise<void> {
    for (;;) {
      if (this.#loaded.has(name)) return;
      const snapshots = [...this.#loaded.values()].map((loaded) => ({
        name: loaded.name,
        lastUsedAt: loaded.lastUsedAt,
        outstanding: loaded.replicas.reduce((sum, replica) => sum + replica.outstanding, 0),
      }));
      const decision = decideEviction(snapshots, this.#options.maxLoaded);
      switch (decision.kind) {
        case "fits":
          return;
        case "all-busy":
          throw new ArrieroError(
            "replica_unavailable",
            `${name} is not loaded, and all ${this.#options.maxLoaded} models that may be loaded at once are busy.`,
            { retryAfter: 5 },
          );
        case "evict":
          this.#options.log({ level: "info", replica: null, message: `unloading ${decision.name} to make room for ${name}` });
          await this.#unloadNow(decision.name);
          break;
        default:
          decision satisfies never;
      }
    }
  }

  async #unloadNow(name: string): Promise<boolean> {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) return false;
    this.#loaded.delete(name);
    await Promise.all(loaded.replicas.map((replica) => replica.stop()));
    return true;
  }

  #pick(loaded: LoadedModel, { avoid, heldTokens }: LeaseOptions): SupervisedReplica | null {
    const now = this.#clock.now();
    const isAvoided = (address: ReplicaAddress | null): boolean => address !== null && (avoid?.get(address) ?? 0) > now;
    const choice = loaded.replicas.length > 1;
    const candidates = loaded.replicas.map((replica) => ({
      replica,
      state: replica.state,
      outstanding: replica.outstanding,
      lastLeasedAt: replica.lastLeasedAt,
      avoided: isAvoided(replica.address),
      heldTokens: choice && replica.address !== null ? (heldTokens?.(replica.address) ?? 0) : 0,
    }));
    return pickReplica(candidates)?.replica ?? null;
  }

  #untilForgiven(avoid: ReadonlyMap<ReplicaAddress, number> | undefined): number {
    const now = this.#clock.now();
    const waits = [...(avoid?.values() ?? [])].map((until) => until - now).filter((ms) => ms > 0);
    return Math.min(...waits, Number.MAX_SAFE_INTEGER);
  }

  #isGone(loaded: LoadedModel): boolean {
    return this.#closing !== null || this.#loaded.get(loaded.name) !== loaded;
  }

  #noneReady(loaded: LoadedModel, timeoutMs: number): ArrieroError {
    const states = loaded.replicas.map((replica) => `${replica.id} is ${replica.state}`).join(", ");
    return new ArrieroError("replica_unavailable", `No replica of ${loaded.name} was usable within ${timeoutMs} ms: ${states}.`, {
      retryAfter: 1,
    });
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== null) throw new ArrieroError("draining", "This server is stopping its models.");
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function revived(loaded: LoadedModel): LoadedModel {
  for (const replica of loaded.replicas) replica.reviveWhenCool();
  return loaded;
}

/** Why nothing can be expected any more: the error of a model all of whose replicas have failed. */
function commonFailure(replicas: readonly Replica[]): ArrieroError | null {
  return replicas.every((replica) => replica.failure !== null) ? (replicas[0]?.failure ?? null) : null;
}
