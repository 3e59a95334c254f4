import type { Measurement } from "../../scenarios/scenario.ts";
import type { Contestant } from "../contestants/contestant.ts";
import type { RequestLoadResult } from "../load/request-load.ts";
import type { GatewayContext } from "./context.ts";
import { requestLoad } from "./request-turn.ts";

const CONNECTIONS = 32;
/** Until compilers have done their work: tens of thousands of requests on a quiet machine. */
const WARM_SECONDS = 8;

type Samples = ReadonlyMap<Contestant["name"], readonly RequestLoadResult[]>;

/** As many requests as 32 connections can make, each contestant in turn, round by round. */
export async function throughput(context: GatewayContext): Promise<readonly Measurement[]> {
  const { contestants, note, rounds, seconds } = context;
  const samples = new Map<Contestant["name"], RequestLoadResult[]>();
  for (const contestant of contestants) {
    await requestLoad(context, contestant, {
      connections: CONNECTIONS,
      seconds: Math.min(WARM_SECONDS, seconds * 2),
      rate: null,
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      const result = await requestLoad(context, contestant, { connections: CONNECTIONS, seconds, rate: null });
      note(`rps ${round + 1}/${rounds}  ${contestant.name.padEnd(7)}  ${described(result)}`);
      samples.set(contestant.name, [...(samples.get(contestant.name) ?? []), result]);
    }
  }
  return [
    compared("rps.portkey", "req/s", samples, "portkey", ({ perSecond }) => perSecond),
    compared("p99.portkey", "ms", samples, "portkey", ({ p99 }) => p99),
    compared("rps.nginx", "req/s", samples, "nginx", ({ perSecond }) => perSecond),
    compared("rps.undici", "req/s", samples, "undici", ({ perSecond }) => perSecond),
    compared("p50.portkey", "ms", samples, "portkey", ({ p50 }) => p50),
    compared("p99.nginx", "ms", samples, "nginx", ({ p99 }) => p99),
    compared("p99.undici", "ms", samples, "undici", ({ p99 }) => p99),
    compared("rps.mock", "req/s", samples, "mock", ({ perSecond }) => perSecond),
  ];
}

function compared(
  name: string,
  unit: Measurement["unit"],
  samples: Samples,
  peer: Contestant["name"],
  value: (result: RequestLoadResult) => number,
): Measurement {
  const of = (contestant: Contestant["name"]) => (samples.get(contestant) ?? []).map(value);
  return { name, unit, ours: of("ours"), peer: of(peer) };
}

function described({ failures, generatorShare, p50, p99, perSecond }: RequestLoadResult): string {
  const failed = failures === 0 ? "" : `, ${failures} failed`;
  const figures = `${perSecond.toFixed(0)} req/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  return `${figures}, generator ${(generatorShare * 100).toFixed(0)} % of a core${failed}`;
}
