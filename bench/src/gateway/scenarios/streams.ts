import { fileURLToPath } from "node:url";
import type { Measurement } from "../../scenarios/scenario.ts";
import type { Contestant } from "../contestants/contestant.ts";
import type { StreamLoadPlan, StreamLoadResult } from "../load/stream-load.ts";
import { ResidentSize } from "../resident-size.ts";
import { runScript } from "../spawned.ts";
import { type GatewayContext, named } from "./context.ts";

const SCRIPT = fileURLToPath(new URL("../load/stream-load.main.js", import.meta.url));
/** How far apart the tokens of a stream are: ten a second is faster than anyone reads. */
export const INTERVAL_MS = 100;
/** A turn of streams is longer than one of requests: it takes a while until all are open. */
const LENGTHS = 2;

interface Turn extends StreamLoadResult {
  /** Of the process that relays, bytes. */
  readonly residentBytes: number | null;
}

/** Many slow streams at once through ours and Portkey. */
export async function streams(context: GatewayContext, count: number): Promise<readonly Measurement[]> {
  const { contestants, note, seconds } = context;
  const tokens = Math.round((seconds * LENGTHS * 1000) / INTERVAL_MS);
  const turns = new Map<string, Turn>();
  for (const contestant of named(contestants, "ours", "portkey")) {
    const turn = await streamTurn(context.logPath, contestant, {
      streams: count,
      tokens,
      intervalMs: INTERVAL_MS,
      repeatSeconds: 0,
    });
    note(`sse ${count}  ${contestant.name.padEnd(7)}  ${described(turn)}`);
    turns.set(contestant.name, turn);
  }
  const of = (name: string, value: (turn: Turn) => number | null) => {
    const turn = turns.get(name);
    const found = turn === undefined ? null : value(turn);
    return found === null ? [] : [found];
  };
  const compared = (what: string, unit: Measurement["unit"], value: (turn: Turn) => number | null): Measurement => {
    return { name: `sse.${count}.${what}`, unit, ours: of("ours", value), peer: of("portkey", value) };
  };
  return [
    compared("stalls", "count", ({ broken, stalls }) => stalls + broken),
    compared("rss", "bytes", ({ residentBytes }) => residentBytes),
    compared("tokens", "tok/s", ({ tokensPerSecond }) => tokensPerSecond),
    compared("longest", "ms", ({ longestWaitMs }) => longestWaitMs),
  ];
}

async function streamTurn(logPath: string, { pid, target }: Contestant, plan: Omit<StreamLoadPlan, "target">): Promise<Turn> {
  const size = new ResidentSize(pid);
  try {
    const result = await runScript<StreamLoadResult>(SCRIPT, { ...plan, target }, logPath);
    return { ...result, residentBytes: size.peak };
  } finally {
    size.stop();
  }
}

/** Runs streams through one contestant for so long, and hands back its resident size over time. */
export async function soakStreams(
  context: GatewayContext,
  contestant: Contestant,
  count: number,
  minutes: number,
): Promise<{ readonly result: StreamLoadResult; readonly sizes: readonly number[] }> {
  const size = new ResidentSize(contestant.pid, (bytes, seconds) => {
    if (seconds % 30 === 0) context.note(`soak ${seconds} s  ${(bytes / 1e6).toFixed(0)} MB`);
  });
  try {
    const tokens = 300;
    const plan: StreamLoadPlan = {
      ...{ target: contestant.target, streams: count, tokens, intervalMs: INTERVAL_MS },
      repeatSeconds: minutes * 60,
    };
    const result = await runScript<StreamLoadResult>(SCRIPT, plan, context.logPath);
    return { result, sizes: size.samples };
  } finally {
    size.stop();
  }
}

function described(turn: Turn): string {
  const broken = turn.broken === 0 ? "" : `, ${turn.broken} broken`;
  const size = turn.residentBytes === null ? "" : `, ${(turn.residentBytes / 1e6).toFixed(0)} MB`;
  const waits = `${turn.stalls} stalls, longest wait ${turn.longestWaitMs.toFixed(0)} ms`;
  return `${waits}, ${turn.tokensPerSecond.toFixed(0)} tok/s${broken}${size}, generator ${(turn.generatorShare * 100).toFixed(0)} %`;
}
