import { ArrieroError } from "@arriero/spec";
import type { Measurement } from "../../scenarios/scenario.ts";
import { median } from "../../stats/percentile.ts";
import { type GatewayContext, named } from "./context.ts";
import { soakStreams } from "./streams.ts";

const STREAMS = 2000;

/**
 * 2,000 streams through ours for minutes, each opened anew when it ends. Memory grows while they open; the second fifth
 * of the time is held against the last.
 */
export async function soak(context: GatewayContext, minutes: number): Promise<readonly Measurement[]> {
  const [ours] = named(context.contestants, "ours");
  if (ours === undefined) throw new ArrieroError("internal", "There is nothing to soak.");
  const { result, sizes } = await soakStreams(context, ours, STREAMS, minutes);
  const { early, late } = growth(sizes);
  context.note(`soak  ${result.finished} streams, ${result.stalls} stalls, ${result.broken} broken`);
  return [
    { name: "soak.stalls", unit: "count", ours: [result.stalls + result.broken], peer: [] },
    { name: "soak.tokens", unit: "tok/s", ours: [result.tokensPerSecond], peer: [] },
    {
      name: "soak.rss",
      unit: "bytes",
      ours: late === null ? [] : [late],
      peer: [],
      ...(early !== null && { baseline: [early] }),
    },
  ];
}

/** Medians of the second and the last fifth. */
export function growth(sizes: readonly number[]): { readonly early: number | null; readonly late: number | null } {
  const fifth = Math.floor(sizes.length / 5);
  if (fifth === 0) return { early: null, late: null };
  return { early: median(sizes.slice(fifth, 2 * fifth)), late: median(sizes.slice(-fifth)) };
}
