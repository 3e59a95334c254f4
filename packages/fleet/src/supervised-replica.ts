import { ArrieroError, type ErrorBody, type ErrorCode, type ReplicaAddress, type ReplicaState } from "@arriero/spec";
import type { Clock } from "./clock.ts";
import type { EngineEvent } from "./engine-event.ts";
import { type FleetLogEntry, type LogLevel, readEngineLog } from "./engine-log.ts";
import type { ProbeHealth } from "./health-probe.ts";
import type { Replica, ReplicaLease } from "./replica.ts";
import type { LaunchReplica, ReplicaExit, ReplicaProcess } from "./replica-process.ts";
import { decideRestart, type PastRun, REMEMBERED_RUNS } from "./restart-policy.ts";
import type { SupervisionLimits } from "./supervision-limits.ts";
import { waitUntil } from "./wait-until.ts";

export interface SupervisedReplicaOptions {
  readonly id: string;
  readonly model: string;
  /** The engine's options but for the token, which is new for every process. */
  readonly engine: Readonly<Record<string, unknown>>;
  readonly launch: LaunchReplica;
  readonly probe: ProbeHealth;
  readonly newToken: () => string;
  readonly limits: SupervisionLimits;
  readonly clock: Clock;
  log(entry: FleetLogEntry): void;
  /** Called after every change of state. */
  onChange(): void;
}

/** One process from spawn to exit, and what is known of it. */
interface Run {
  readonly process: ReplicaProcess;
  readonly token: string;
  readonly startedAt: number;
  readyAt: number | null;
  address: ReplicaAddress | null;
  failure: ErrorBody | null;
  /** Aborted when its process says that it is going. */
  readonly notice: AbortController;
  /** Why we killed it ourselves. */
  verdict: string | null;
  cancelDeadlines: (() => void)[];
  cancelProbe: () => void;
}

/** Errors that another start cannot cure. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set([
  "gguf_invalid",
  "gguf_truncated",
  "native_missing",
  "native_mismatch",
  "config_invalid",
  "unsupported",
]);

/**
 * A replica kept alive: when its process dies it is started again as the restart policy says; when it hangs it is
 * killed first. States: starting -> loading -> ready -> (exit) starting ...; `failed` when given up, `draining` and
 * `stopped` on stop(), and `draining` where its process was told to go by somebody else; then another is started.
 */
export class SupervisedReplica implements Replica {
  readonly id: string;
  readonly model: string;
  state: ReplicaState = "starting";
  restarts = -1;
  outstanding = 0;
  failure: ArrieroError | null = null;
  /** When a lease was last given; the longest idle of equals is picked. */
  lastLeasedAt = 0;
  readonly #options: SupervisedReplicaOptions;
  readonly #listeners = new Set<() => void>();
  #history: PastRun[] = [];
  #run: Run | null = null;
  #failedAt = 0;
  #cancelRestart: () => void = () => undefined;
  #stopping: Promise<void> | null = null;

  constructor(options: SupervisedReplicaOptions) {
    this.id = options.id;
    this.model = options.model;
    this.#options = options;
    this.#start();
  }

  get address(): ReplicaAddress | null {
    return this.#run?.address ?? null;
  }

  get pid(): number | null {
    return this.#run?.process.pid ?? null;
  }

  get startedAt(): number {
    return this.#run?.startedAt ?? 0;
  }

  async whenReady(options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<ReplicaAddress> {
    const timeoutMs = options.timeoutMs ?? this.#options.limits.loadMs;
    const settled = (): boolean => this.state === "ready" || this.state === "failed" || this.state === "stopped";
    await waitUntil(settled, (listener) => this.#subscribe(listener), this.#options.clock, timeoutMs, options.signal);
    if (this.state === "ready" && this.address !== null) return this.address;
    if (this.failure !== null) throw this.failure;
    throw new ArrieroError("replica_unavailable", `Replica ${this.id} is ${this.state}, not ready, after ${timeoutMs} ms.`, {
      retryAfter: 1,
    });
  }

  /** The caller has seen that it is ready. */
  lease(): ReplicaLease {
    const address = this.address;
    if (address === null)
      throw new ArrieroError("replica_unavailable", `Replica ${this.id} is ${this.state}.`, { retryAfter: 1 });
    this.outstanding++;
    this.lastLeasedAt = this.#options.clock.now();
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.outstanding--;
    };
    return { replica: this, address, release, ...(this.#run === null ? {} : { notice: this.#run.notice.signal }) };
  }

  /** Gives a failed replica another chance once it has cooled down. */
  reviveWhenCool(): void {
    if (this.state !== "failed" || this.#options.clock.now() - this.#failedAt < this.#options.limits.failedCooldownMs) return;
    this.#history = [];
    this.failure = null;
    this.#start();
  }

  /** SIGTERM, a bounded wait, SIGKILL. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#cancelRestart();
    const run = this.#run;
    if (run !== null) {
      forgetTimers(run);
      this.#enter("draining");
      await run.process.stop(this.#options.limits.stopGraceMs);
      this.#run = null;
    }
    this.#enter("stopped");
  }

  #start(): void {
    const { clock, engine, id, launch, limits, newToken } = this.#options;
    const token = newToken();
    const process = launch({
      options: { ...engine, token },
      onEvent: (event) => this.#hear(run, event),
      onStderr: (line) => this.#options.log(readEngineLog(id, line)),
    });
    const run: Run = {
      process,
      token,
      startedAt: clock.now(),
      readyAt: null,
      address: null,
      failure: null,
      notice: new AbortController(),
      verdict: null,
      cancelDeadlines: [],
      cancelProbe: () => undefined,
    };
    this.#run = run;
    this.restarts++;
    const bound = (ms: number, missing: () => boolean, verdict: string): void => {
      run.cancelDeadlines.push(clock.after(ms, () => missing() && this.#condemn(run, verdict)));
    };
    bound(limits.listenMs, () => run.address === null, `it did not listen within ${limits.listenMs} ms`);
    bound(limits.loadMs, () => run.readyAt === null, `it was not ready within ${limits.loadMs} ms`);
    void process.exited.then((exit) => this.#afterExit(run, exit));
    this.#enter("starting");
  }

  #hear(run: Run, event: EngineEvent): void {
    if (run !== this.#run || this.#stopping !== null) return;
    switch (event.event) {
      case "listening":
        if (run.address !== null) return;
        run.address = { url: event.url, token: run.token };
        this.#probe(run, 0);
        this.#enter("loading");
        return;
      case "ready":
        if (run.address === null || run.readyAt !== null) return;
        run.readyAt = this.#options.clock.now();
        this.#log("info", `ready after ${run.readyAt - run.startedAt} ms, pid ${run.process.pid ?? "unknown"}`);
        this.#enter("ready");
        return;
      case "draining":
        if (run.notice.signal.aborted) return;
        this.#log("info", "draining; its streams move to others");
        // The state first: whoever moves must not be given this replica again.
        this.#enter("draining");
        run.notice.abort();
        return;
      case "failed":
        run.failure = event.error;
        return;
      default:
        event satisfies never;
    }
  }

  /** Asks for /health again and again while the process lives; `missed` in a row so far. */
  #probe(run: Run, missed: number): void {
    const { clock, limits, probe } = this.#options;
    run.cancelProbe = clock.after(limits.probeEveryMs, async () => {
      if (run !== this.#run || run.address === null) return;
      const healthy = await probe(run.address.url, limits.probeTimeoutMs);
      if (run !== this.#run || this.#stopping !== null) return;
      const misses = healthy ? 0 : missed + 1;
      if (misses >= limits.probeFailures) this.#condemn(run, `it missed ${misses} health probes in a row`);
      else this.#probe(run, misses);
    });
  }

  #condemn(run: Run, verdict: string): void {
    if (run !== this.#run) return;
    run.verdict = verdict;
    this.#log("error", `killed: ${verdict}`);
    run.process.kill();
  }

  #afterExit(run: Run, exit: ReplicaExit): void {
    forgetTimers(run);
    if (run !== this.#run || this.#stopping !== null) return;
    this.#run = null;
    const { clock, limits } = this.#options;
    this.#history.push({
      startedAt: run.startedAt,
      readyAt: run.readyAt,
      endedAt: clock.now(),
      hopeless: run.failure !== null && HOPELESS.has(run.failure.code),
    });
    if (this.#history.length > REMEMBERED_RUNS) this.#history.shift();

    const how = describeExit(run, exit);
    const decision = decideRestart(this.#history, limits.restart);
    switch (decision.kind) {
      case "restart":
        this.#log("warn", `${how}; restarting now`);
        this.#start();
        return;
      case "wait":
        this.#log("warn", `${how}; restarting in ${decision.ms} ms`);
        this.#cancelRestart = clock.after(decision.ms, () => this.#start());
        this.#enter("starting");
        return;
      case "give-up":
        this.failure = failureOf(this.id, how, decision.failedStarts, run.failure, exit);
        this.#failedAt = clock.now();
        this.#log("error", this.failure.message);
        this.#enter("failed");
        return;
      default:
        decision satisfies never;
    }
  }

  #enter(state: ReplicaState): void {
    this.state = state;
    for (const listener of [...this.#listeners]) listener();
    this.#options.onChange();
  }

  #subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #log(level: LogLevel, message: string): void {
    this.#options.log({ level, replica: this.id, message });
  }
}

function forgetTimers(run: Run): void {
  run.cancelProbe();
  for (const cancel of run.cancelDeadlines) cancel();
}

function describeExit(run: Run, exit: ReplicaExit): string {
  const end = exit.signal === null ? `exit code ${exit.code ?? "unknown"}` : `signal ${exit.signal}`;
  const phase = run.readyAt === null ? "before it was ready" : "while serving";
  return `ended by ${end} ${phase}${run.verdict === null ? "" : `, because ${run.verdict}`}`;
}

function failureOf(id: string, how: string, failedStarts: number, failure: ErrorBody | null, exit: ReplicaExit): ArrieroError {
  if (failure !== null) return ArrieroError.from(failure);
  const tail = exit.stderr.length === 0 ? "It printed nothing on stderr." : `Its last lines:\n${exit.stderr.join("\n")}`;
  return new ArrieroError("model_load_failed", `Replica ${id} ${how}, ${failedStarts} times in a row. ${tail}`);
}
