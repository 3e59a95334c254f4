import type { Measurement, Unit } from "../scenarios/scenario.ts";
import { median } from "../stats/percentile.ts";

export interface Metric {
  readonly name: string;
  readonly unit: Unit;
  /** Medians over the rounds; null for a side that did not run. */
  readonly ours: number | null;
  readonly peer: number | null;
  /** ours / peer, or ours / its own baseline where the measurement has one. */
  readonly ratio: number | null;
}

/** What the ratio, or our own value, has to be. */
export type Target = { readonly atLeast: number } | { readonly atMost: number } | { readonly oursAtMost: number };

/** By metric; those that are not named are shown for information. */
export type Targets = Readonly<Record<string, Target>>;

/** Whether a higher ratio is the better one. */
export function higherIsBetter(unit: Unit): boolean {
  return unit === "tok/s" || unit === "req/s";
}

export function metricOf(measurement: Measurement): Metric {
  const ours = middle(measurement.ours);
  const peer = middle(measurement.peer);
  const against = measurement.baseline === undefined ? peer : middle(measurement.baseline);
  // Nothing is a multiple of nothing.
  const ratio = ours === null || against === null || against === 0 ? null : rounded(ours / against);
  return { name: measurement.name, unit: measurement.unit, ours, peer, ratio };
}

export type Verdict = "met" | "missed" | "";

/** Empty where there is no target, or nothing to hold against it. */
export function verdict({ name, ours, ratio }: Metric, targets: Targets): Verdict {
  const target = targets[name];
  if (target === undefined) return "";
  if ("oursAtMost" in target) return ours === null ? "" : ours <= target.oursAtMost ? "met" : "missed";
  if (ratio === null) return "";
  const isMet = "atLeast" in target ? ratio >= target.atLeast : ratio <= target.atMost;
  return isMet ? "met" : "missed";
}

function middle(samples: readonly number[]): number | null {
  return samples.length === 0 ? null : rounded(median(samples));
}

/** Four significant digits: more would claim a precision that no box has. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
