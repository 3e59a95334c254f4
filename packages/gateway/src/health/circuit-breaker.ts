/**
 * A circuit breaker as a reducer. Closed lets all through; failures in a row open it; after a cool-down it is half open
 * and lets one probe through, whose outcome closes it or opens it for longer. Times are milliseconds of one clock.
 */
export type BreakerState =
  | { readonly kind: "closed"; readonly failures: number; readonly trips: number; readonly since: number }
  | { readonly kind: "open"; readonly until: number; readonly trips: number }
  /** `probeSince` null: the probe is still to be given. */
  | { readonly kind: "half-open"; readonly probeSince: number | null; readonly trips: number };

/** `probe` says that the attempt was let through by a half-open breaker: then its outcome alone counts. */
export type BreakerEvent =
  | { readonly kind: "attempt" }
  | { readonly kind: "success"; readonly probe: boolean }
  /** `retryAfterMs`: the backend itself named a time to stay away; null where it did not. */
  | { readonly kind: "failure"; readonly probe: boolean; readonly retryAfterMs: number | null };

export interface BreakerRules {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** First cool-down; it doubles with each trip that follows soon. */
  readonly firstCoolDownMs: number;
  /** Longest cool-down, also where a backend asks for more. */
  readonly maxCoolDownMs: number;
  /** A probe without an outcome is given up after this long, and another may go. */
  readonly probeMs: number;
  /** Closed for this long, earlier trips are forgotten. */
  readonly forgetMs: number;
}

export const BREAKER_RULES: BreakerRules = {
  failures: 5,
  firstCoolDownMs: 1_000,
  maxCoolDownMs: 60_000,
  probeMs: 60_000,
  forgetMs: 120_000,
};

export const CLOSED_BREAKER: BreakerState = { kind: "closed", failures: 0, trips: 0, since: 0 };

/** The state as time alone has changed it: cool-downs end, lost probes are given up. */
export function breakerAt(state: BreakerState, now: number, rules: BreakerRules = BREAKER_RULES): BreakerState {
  switch (state.kind) {
    case "closed":
      return state;
    case "open":
      return now >= state.until ? { kind: "half-open", probeSince: null, trips: state.trips } : state;
    case "half-open":
      return state.probeSince !== null && now - state.probeSince >= rules.probeMs ? { ...state, probeSince: null } : state;
    default:
      return state satisfies never;
  }
}

export function reduceBreaker(
  before: BreakerState,
  event: BreakerEvent,
  now: number,
  rules: BreakerRules = BREAKER_RULES,
): BreakerState {
  const state = breakerAt(before, now, rules);
  switch (event.kind) {
    case "attempt":
      return state.kind === "half-open" && state.probeSince === null ? { ...state, probeSince: now } : state;
    case "success":
      if (state.kind === "closed") return state.failures === 0 ? state : { ...state, failures: 0 };
      return state.kind === "half-open" && event.probe ? { kind: "closed", failures: 0, trips: state.trips, since: now } : state;
    case "failure":
      if (state.kind === "half-open") return event.probe ? opened(state.trips, event.retryAfterMs, now, rules) : state;
      // Attempts that began before it opened say nothing new.
      if (state.kind === "open") return state;
      if (state.failures + 1 < rules.failures && event.retryAfterMs === null) return { ...state, failures: state.failures + 1 };
      return opened(now - state.since >= rules.forgetMs ? 0 : state.trips, event.retryAfterMs, now, rules);
    default:
      return event satisfies never;
  }
}

/** Whether an attempt would be let through now. `as-probe`: send `attempt` first, and say so with its outcome. */
export type BreakerAdmission = "freely" | "as-probe" | "no";

export function breakerAdmits(state: BreakerState, now: number, rules: BreakerRules = BREAKER_RULES): BreakerAdmission {
  const at = breakerAt(state, now, rules);
  if (at.kind === "closed") return "freely";
  return at.kind === "half-open" && at.probeSince === null ? "as-probe" : "no";
}

function opened(trips: number, retryAfterMs: number | null, now: number, rules: BreakerRules): BreakerState {
  const coolDown = Math.max(rules.firstCoolDownMs * 2 ** Math.min(trips, 30), retryAfterMs ?? 0);
  return { kind: "open", until: now + Math.min(rules.maxCoolDownMs, coolDown), trips: trips + 1 };
}
