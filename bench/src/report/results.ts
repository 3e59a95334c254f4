import type { Quant } from "../model/quant-mix.ts";
import type { Measurement } from "../scenarios/scenario.ts";
import type { Machine } from "./machine.ts";
import type { Metric } from "./metric.ts";

/** The results file: every sample, so that a reader can judge the spread and not only the medians. */
export interface Results {
  readonly bench: "engine";
  readonly startedAt: string;
  readonly size: "full" | "quick";
  readonly rounds: number;
  readonly machine: Machine;
  readonly commands: Readonly<Record<string, string>>;
  readonly quants: readonly QuantResults[];
}

export interface QuantResults {
  readonly quant: Quant;
  readonly model: { readonly parameters: number; readonly bytes: number };
  readonly metrics: readonly Metric[];
  readonly samples: readonly Measurement[];
  /** The most, as a share of one core, that an idle server used while the other was measured; null when not known. */
  readonly worstIdleShare: number | null;
}
