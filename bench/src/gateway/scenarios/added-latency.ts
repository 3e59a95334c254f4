import type { Measurement } from "../../scenarios/scenario.ts";
import type { RequestLoadResult } from "../load/request-load.ts";
import { type GatewayContext, named } from "./context.ts";
import { requestLoad } from "./request-turn.ts";

/** Far below what any contestant can do: what is seen is the way through it, not its queue. */
const RATE = 200;
const CONNECTIONS = 32;

type Round = Readonly<Partial<Record<string, RequestLoadResult>>>;

/** What ours and Portkey add to the mock's own latency at a fixed rate, each round against its own mock. */
export async function addedLatency(context: GatewayContext): Promise<readonly Measurement[]> {
  const { contestants, note, rounds, seconds } = context;
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const results: Record<string, RequestLoadResult> = {};
    for (const contestant of named(contestants, "mock", "ours", "portkey")) {
      const result = await requestLoad(context, contestant, { connections: CONNECTIONS, seconds, rate: RATE });
      note(`added ${round + 1}/${rounds}  ${contestant.name.padEnd(7)}  p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`);
      results[contestant.name] = result;
    }
    taken.push(results);
  }
  const added = (name: string, value: (result: RequestLoadResult) => number) =>
    taken.flatMap(({ mock, [name]: own }) => (mock === undefined || own === undefined ? [] : [value(own) - value(mock)]));
  return [
    { name: "added.p50", unit: "ms", ours: added("ours", ({ p50 }) => p50), peer: added("portkey", ({ p50 }) => p50) },
    { name: "added.p99", unit: "ms", ours: added("ours", ({ p99 }) => p99), peer: added("portkey", ({ p99 }) => p99) },
  ];
}

const ms = (value: number) => `${value.toFixed(2)} ms`;
