import type { Recipes, Session, Side } from "../servers/pair.ts";
import type { PeerMode } from "../servers/recipes.ts";

export type Unit = "tok/s" | "req/s" | "ms" | "bytes" | "count";

/** One sample a round and side; a side that did not run has none. */
export interface Measurement {
  readonly name: string;
  readonly unit: Unit;
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  /** What ours is divided by for the ratio, where that is not the peer. */
  readonly baseline?: readonly number[];
}

export interface Outcome {
  readonly measurements: readonly Measurement[];
  /** Shares of one core that idle servers used while the other was measured. */
  readonly idleShares: readonly number[];
}

export type Size = "full" | "quick";

export interface ScenarioContext {
  readonly rounds: number;
  readonly size: Size;
  recipes(mode: PeerMode): Recipes;
  /** Both sides with the demo model, everything else at its defaults. */
  demo(): Recipes;
}

export interface Scenario {
  /** The metrics it yields; `--only` picks scenarios by them. */
  readonly metrics: readonly string[];
  run(context: ScenarioContext): Promise<Outcome>;
}

/** The samples of one side, in the order of the rounds. */
export function samplesOf<Result>(session: Session<Result>, side: Side, value: (result: Result) => number): number[] {
  return session.turns.filter((turn) => turn.side === side).map((turn) => value(turn.result));
}

export function measurement<Result>(
  name: string,
  unit: Unit,
  session: Session<Result>,
  value: (result: Result) => number,
): Measurement {
  return { name, unit, ours: samplesOf(session, "ours", value), peer: samplesOf(session, "peer", value) };
}

export function idleShares(session: Session<unknown>): number[] {
  return session.turns.flatMap((turn) => (turn.idleShare === null ? [] : [turn.idleShare]));
}
