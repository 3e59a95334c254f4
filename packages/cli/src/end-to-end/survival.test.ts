import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./running-server.ts";
import { eventually, openFiles, startServer } from "./running-server.ts";

/** The full counts take minutes: `npm run soak` sets them. */
const SOAK = process.env["ARRIERO_SOAK"] === "1";
const CANCELLATIONS = SOAK ? 1000 : 200;
const KILLS = SOAK ? 200 : 5;
/** The promise is 2 s on a quiet machine, held by the soak; a shared one that runs other tests beside gets more. */
const BACK_WITHIN_MS = SOAK ? 2000 : 10_000;
/** Kept-alive connections come and go; a leak of one per request would be hundreds. */
const POOL_SLACK = 60;

interface Status {
  state: string;
  requestsRunning: number;
  requestsWaiting: number;
  kvCells: { used: number; cached: number; total: number };
}

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const body = (content: string, more: object = {}) =>
  JSON.stringify({ model: "arriero-demo", messages: [{ role: "user", content }], temperature: 0, stream: true, ...more });

function ask(content: string, more: object = {}, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    body: body(content, more),
    ...(signal ? { signal } : {}),
  });
}

/** The text of a stream, and whether it ended as a complete answer or with a coded error. */
async function read(response: Response): Promise<{ text: string; done: boolean; error: string | null }> {
  let text = "";
  let error: string | null = null;
  const raw = await response.text();
  for (const line of raw.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const chunk = JSON.parse(line.slice(6));
    error ??= chunk.error?.code ?? null;
    text += chunk.choices?.[0]?.delta?.content ?? "";
  }
  if (!response.ok) error = (JSON.parse(raw) as { error: { code: string } }).error.code;
  return { text, done: raw.includes("data: [DONE]"), error };
}

async function status(): Promise<Status> {
  const replicas = (await (await fetch(`${server.url}/arriero/v1/replicas`)).json()) as unknown;
  const list = (Array.isArray(replicas) ? replicas : (replicas as { replicas: unknown[] }).replicas) as Status[];
  return list[0] as Status;
}

describe("what callers and kills do to a running server", () => {
  test(`${CANCELLATIONS} random cancellations leave nothing running and nothing held`, async () => {
    // Pools on both sides fill first: what grows after that is a leak.
    await Promise.all(Array.from({ length: 50 }, async () => read(await ask("What is Arriero?"))));
    const gateway = server.process.pid as number;
    const [replica] = server.replicaPids() as [number];
    const before = { gateway: openFiles(gateway), replica: openFiles(replica) };
    let random = 12345;
    const next = (bound: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return random % bound;
    };
    let cancelled = 0;
    for (let round = 0; round < CANCELLATIONS / 25; round++) {
      await Promise.all(
        Array.from({ length: 25 }, async (_, i) => {
          const controller = new AbortController();
          // The cut comes at a random number of bytes received, or before the first one.
          const cutAfter = next(1500);
          try {
            const response = await ask(
              `Question ${round * 25 + i}: what is a replica?`,
              { ignore_eos: true, max_tokens: 400, temperature: 1, seed: i },
              controller.signal,
            );
            let received = 0;
            for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
              received += chunk.length;
              if (received > cutAfter) controller.abort();
            }
          } catch {
            cancelled++;
          }
        }),
      );
    }
    expect(cancelled).toBe(CANCELLATIONS);
    const after = await eventually<Status>(async () => {
      const now = await status();
      return now.requestsRunning === 0 && now.requestsWaiting === 0 && now.kvCells.used === now.kvCells.cached ? now : null;
    }, "an idle replica whose cells are all cache");
    expect(after.kvCells.used).toBeLessThanOrEqual(after.kvCells.total);
    expect(server.replicaPids()).toEqual([replica]);
    await eventually(
      () => openFiles(gateway) <= before.gateway + POOL_SLACK && openFiles(replica) <= before.replica + POOL_SLACK,
      "sockets closed",
    );
    // Every cell can still be had: a prompt that fills most of a context is answered.
    const filled = await read(await ask("llama ".repeat(700), { max_tokens: 4 }));
    expect(filled.error).toBeNull();
    expect(filled.done).toBe(true);
  }, 300_000);

  test(`${KILLS} kills of the replica: it is back within ${BACK_WITHIN_MS} ms, no caller hangs, answers are complete or coded`, async () => {
    const question = "How do I add a model?";
    const expected = (await read(await ask(question))).text;
    const gateway = server.process.pid as number;
    const files = openFiles(gateway);
    const recoveries: number[] = [];
    let complete = 0;
    let coded = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const [pid] = await eventually<number[]>(
        () => (server.replicaPids().length === 1 ? server.replicaPids() : null),
        "one replica",
      );
      const answers = Array.from({ length: 4 }, () => ask(question).then(read));
      const started = performance.now();
      process.kill(pid as number, "SIGKILL");
      for (const answer of await Promise.all(answers)) {
        if (answer.done && answer.error === null) {
          expect(answer.text).toBe(expected);
          complete++;
        } else {
          expect(answer.error).toMatch(/^(replica_failed|replica_unavailable)$/);
          coded++;
        }
      }
      await eventually(async () => {
        const now = await status();
        return server.replicaPids()[0] !== pid && now?.state === "ready";
      }, "the replica to be back");
      recoveries.push(performance.now() - started);
    }
    recoveries.sort((a, b) => a - b);
    console.log(
      `kills ${KILLS}: complete ${complete}, coded ${coded}, back after p50 ${Math.round(recoveries[KILLS >> 1] as number)} ms, worst ${Math.round(recoveries.at(-1) as number)} ms`,
    );
    expect(complete + coded).toBe(KILLS * 4);
    expect(recoveries[KILLS >> 1]).toBeLessThan(BACK_WITHIN_MS);
    expect(server.replicaPids().length).toBe(1);
    await eventually(() => openFiles(gateway) <= files + POOL_SLACK, "sockets closed");
    expect((await read(await ask(question))).text).toBe(expected);
  }, 900_000);
});
