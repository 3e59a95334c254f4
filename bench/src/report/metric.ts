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

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** What the ratio has to be. Metrics that are not named here are shown for information. */
export const TARGETS: Readonly<Record<string, Target>> = {
  "decode.1": { atLeast: 1.1 },
  "decode.32": { atLeast: 1.15 },
  "ttft.shared-prefix": { atMost: 0.2 },
  "gap.worst": { atMost: 0.25 },
  "ttft.turn-30": { atMost: 1.2 },
  "rss.peak": { atMost: 1.2 },
};

/** The metrics that `--json` prints; the rest is in the results file and the table. */
export const PUBLISHED: ReadonlySet<string> = new Set([
  ...["decode.1", "decode.8", "decode.32", "ttft.shared-prefix", "gap.worst"],
  ...["ttft.turn-10", "ttft.turn-30", "cold.first-token", "rss.peak"],
]);

/** Whether a higher ratio is the better one. */
export function higherIsBetter(unit: Unit): boolean {
  return unit === "tok/s";
}

export function metricOf(measurement: Measurement): Metric {
  const ours = middle(measurement.ours);
  const peer = middle(measurement.peer);
  const against = measurement.baseline === undefined ? peer : middle(measurement.baseline);
  const ratio = ours === null || against === null ? null : rounded(ours / against);
  return { name: measurement.name, unit: measurement.unit, ours, peer, ratio };
}

export type Verdict = "met" | "missed" | "";

/** Empty where there is no target or no ratio. */
export function verdict({ name, ratio }: Metric): Verdict {
  const target = TARGETS[name];
  if (target === undefined || ratio === null) return "";
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
