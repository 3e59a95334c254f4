/** One life of a replica's process, from spawn to exit. Milliseconds of one clock. */
export interface PastRun {
  readonly startedAt: number;
  /** null: it never became ready. */
  readonly readyAt: number | null;
  readonly endedAt: number;
  /** The process itself named a reason that another start cannot cure (a broken file, a missing library). */
  readonly hopeless: boolean;
}

export interface RestartRules {
  /** Runs in a row that never became ready, after which the replica is given up. */
  readonly maxFailedStarts: number;
  /** A run that served this long clears what came before it. */
  readonly stableMs: number;
  /** First wait; it doubles with each further short run. */
  readonly firstWaitMs: number;
  /** Longest wait after a run that had become ready: short, so that a kill costs little even when kills repeat. */
  readonly maxWaitAfterReadyMs: number;
  /** Longest wait after a run that never became ready. */
  readonly maxWaitMs: number;
}

export const RESTART_RULES: RestartRules = {
  maxFailedStarts: 5,
  stableMs: 10_000,
  firstWaitMs: 100,
  maxWaitAfterReadyMs: 500,
  maxWaitMs: 5_000,
};

export type RestartDecision =
  | { readonly kind: "restart" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "give-up"; readonly failedStarts: number };

/** How many of the latest runs a decision can depend on; older ones may be forgotten. */
export const REMEMBERED_RUNS = 16;

/**
 * What to do after the last run of `history` (oldest first) ended. The first restart is immediate; further short runs
 * wait longer. Only runs that never became ready end in giving up: a replica that serves between two crashes is worth
 * restarting, and its waits are bounded.
 */
export function decideRestart(history: readonly PastRun[], rules: RestartRules = RESTART_RULES): RestartDecision {
  const last = history.at(-1);
  if (last === undefined) return { kind: "restart" };

  let failedStarts = 0;
  for (let i = history.length - 1; i >= 0 && history[i]!.readyAt === null; i--) failedStarts++;
  if (last.hopeless || failedStarts >= rules.maxFailedStarts) return { kind: "give-up", failedStarts };

  let shortRuns = 0;
  for (let i = history.length - 1; i >= 0 && !wasStable(history[i]!, rules); i--) shortRuns++;
  if (shortRuns <= 1) return { kind: "restart" };

  const ceiling = last.readyAt === null ? rules.maxWaitMs : rules.maxWaitAfterReadyMs;
  return { kind: "wait", ms: Math.min(ceiling, rules.firstWaitMs * 2 ** (shortRuns - 2)) };
}

function wasStable(run: PastRun, rules: RestartRules): boolean {
  return run.readyAt !== null && run.endedAt - run.readyAt >= rules.stableMs;
}
