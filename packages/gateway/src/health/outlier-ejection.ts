/**
 * Outlier ejection: a backend that fails more than its peers leaves for a while, but never so many that the rest cannot
 * carry the load. The two ways out are those of Envoy's detector: failures in a row, and a success rate far below the
 * mean. Times are milliseconds of one clock.
 */
export interface OutlierRecord {
  readonly successes: number;
  readonly failures: number;
  /** In a row, up to now. */
  readonly consecutiveFailures: number;
  /** How often it was ejected lately: the next time lasts longer. */
  readonly ejections: number;
  /** Ejected until then; null: it is in. */
  readonly ejectedUntil: number | null;
}

export type OutlierState = ReadonlyMap<string, OutlierRecord>;

export type OutlierEvent =
  | { readonly kind: "result"; readonly id: string; readonly ok: boolean }
  /** The end of an interval: success rates are compared, and counted anew. */
  | { readonly kind: "interval" }
  /** The backends there are; all others are forgotten. */
  | { readonly kind: "members"; readonly ids: readonly string[] };

export interface OutlierRules {
  readonly consecutiveFailures: number;
  /** Share of the backends that may be ejected at once, rounded down. */
  readonly maxEjectedShare: number;
  /** Ejected below the mean success rate less this many standard deviations. */
  readonly deviations: number;
  /** And only if also below the mean by this much: equals differ a little always. */
  readonly leastGap: number;
  /** Results within the interval, below which a backend's rate says nothing. */
  readonly leastResults: number;
  /** Backends with such a rate, below which there is no mean to compare with. */
  readonly leastBackends: number;
  readonly firstEjectionMs: number;
  readonly maxEjectionMs: number;
}

export const OUTLIER_RULES: OutlierRules = {
  consecutiveFailures: 5,
  maxEjectedShare: 0.5,
  deviations: 1.9,
  leastGap: 0.1,
  leastResults: 20,
  leastBackends: 3,
  firstEjectionMs: 30_000,
  maxEjectionMs: 300_000,
};

const NEW: OutlierRecord = { successes: 0, failures: 0, consecutiveFailures: 0, ejections: 0, ejectedUntil: null };

export const NO_OUTLIERS: OutlierState = new Map();

export function isEjected(state: OutlierState, id: string, now: number): boolean {
  return (state.get(id)?.ejectedUntil ?? Number.NEGATIVE_INFINITY) > now;
}

/** Results of backends that are no members are left out, so that the state is as bounded as they are. */
export function reduceOutliers(
  state: OutlierState,
  event: OutlierEvent,
  now: number,
  rules: OutlierRules = OUTLIER_RULES,
): OutlierState {
  switch (event.kind) {
    case "members":
      return new Map(event.ids.map((id) => [id, state.get(id) ?? NEW]));
    case "result":
      return afterResult(state, event.id, event.ok, now, rules);
    case "interval":
      return afterInterval(state, now, rules);
    default:
      return event satisfies never;
  }
}

function afterResult(state: OutlierState, id: string, ok: boolean, now: number, rules: OutlierRules): OutlierState {
  const record = state.get(id);
  if (record === undefined) return state;
  const counted: OutlierRecord = ok
    ? { ...record, successes: record.successes + 1, consecutiveFailures: 0 }
    : { ...record, failures: record.failures + 1, consecutiveFailures: record.consecutiveFailures + 1 };
  const next = new Map(state).set(id, counted);
  if (counted.consecutiveFailures >= rules.consecutiveFailures) eject(next, id, now, rules);
  return next;
}

function afterInterval(state: OutlierState, now: number, rules: OutlierRules): OutlierState {
  const next = new Map(state);
  const rated = [...state].flatMap(([id, record]) => {
    const results = record.successes + record.failures;
    return results < rules.leastResults || isEjected(state, id, now) ? [] : [{ id, rate: record.successes / results }];
  });
  if (rated.length >= rules.leastBackends) {
    const mean = rated.reduce((sum, { rate }) => sum + rate, 0) / rated.length;
    const deviation = Math.sqrt(rated.reduce((sum, { rate }) => sum + (rate - mean) ** 2, 0) / rated.length);
    const least = mean - Math.max(rules.deviations * deviation, rules.leastGap);
    // The worst first: there may not be room for all.
    const outliers = rated.filter(({ rate }) => rate < least).sort((a, b) => a.rate - b.rate);
    for (const { id } of outliers) eject(next, id, now, rules);
  }
  for (const [id, record] of next) {
    const quiet = !isEjected(next, id, now) && record.failures === 0;
    next.set(id, {
      ...record,
      successes: 0,
      failures: 0,
      ejections: quiet ? Math.max(0, record.ejections - 1) : record.ejections,
    });
  }
  return next;
}

/** Ejects where the share allows one more; otherwise the backend stays and is counted on. */
function eject(state: Map<string, OutlierRecord>, id: string, now: number, rules: OutlierRules): void {
  const record = state.get(id);
  if (record === undefined || isEjected(state, id, now)) return;
  const out = [...state.keys()].filter((each) => isEjected(state, each, now)).length;
  if (out + 1 > Math.floor(state.size * rules.maxEjectedShare)) return;
  const ejections = record.ejections + 1;
  const ejectedUntil = now + Math.min(rules.maxEjectionMs, rules.firstEjectionMs * ejections);
  state.set(id, { ...record, consecutiveFailures: 0, ejections, ejectedUntil });
}
