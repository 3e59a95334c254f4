import { setTimeout as pause } from "node:timers/promises";
import { streamTokens } from "../client/token-stream.ts";
import { promptText } from "../model/prompt-text.ts";
import { type RunningServer, type ServerRecipe, startServer } from "./server.ts";

export interface Recipes {
  readonly ours: ServerRecipe | null;
  readonly peer: ServerRecipe | null;
}

export type Side = "ours" | "peer";

/** What one side did in one round, and what the other one, which should have been idle, used meanwhile. */
export interface Turn<Result> {
  readonly side: Side;
  readonly round: number;
  readonly result: Result;
  /** Share of one core that the idle server used; null alone or where the system does not tell. */
  readonly idleShare: number | null;
}

export interface Session<Result> {
  readonly turns: readonly Turn<Result>[];
  /** Bytes: the peak of the session. */
  readonly peak: Readonly<Record<Side, number | null>>;
}

const SETTLE_WINDOW_MS = 200;
const SETTLE_TIMEOUT_MS = 30_000;
/** Share of one core under which a server counts as idle. */
const IDLE_SHARE = 0.1;

/**
 * Starts both servers afresh and lets them take turns: ours, peer, ours, peer. Only one is under load at a time, and a turn starts
 * when both are quiet, so that drift of the machine falls on both alike. A missing recipe leaves that side out.
 */
export async function takeTurns<Result>(
  recipes: Recipes,
  rounds: number,
  turn: (server: RunningServer, round: number) => Promise<Result>,
): Promise<Session<Result>> {
  const servers: RunningServer[] = [];
  try {
    for (const recipe of [recipes.ours, recipes.peer]) if (recipe !== null) servers.push(await startServer(recipe));
    // Page faults, pools and first connections belong to cold.first-token, not to the first round.
    for (const { endpoint } of servers) await streamTokens(endpoint, { kind: "text", text: promptText(8, 0) }, { maxTokens: 4 });
    const turns: Turn<Result>[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const server of servers) {
        for (const each of servers) await settle(each);
        const idle = servers.find((other) => other !== server);
        const before = idle?.cpuSeconds() ?? null;
        const startedAt = performance.now();
        const result = await turn(server, round);
        const after = idle?.cpuSeconds() ?? null;
        const idleShare = before === null || after === null ? null : (after - before) / ((performance.now() - startedAt) / 1000);
        turns.push({ side: server.endpoint.name, round, result, idleShare });
      }
    }
    const peakOf = (side: Side) => servers.find((server) => server.endpoint.name === side)?.peakResidentBytes() ?? null;
    return { turns, peak: { ours: peakOf("ours"), peer: peakOf("peer") } };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Waits until the server uses next to no CPU: streams that were cut off have been noticed and dropped. */
async function settle(server: RunningServer): Promise<void> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const before = server.cpuSeconds();
    await pause(SETTLE_WINDOW_MS);
    const after = server.cpuSeconds();
    if (before === null || after === null || (after - before) * 1000 <= IDLE_SHARE * SETTLE_WINDOW_MS) return;
  }
}
