import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

let from: TestGateway;
beforeEach(async () => {
  from = await startTestGateway({ host: { replicasPerModel: 3 } });
  const replicas = await from.fleet.replicas("arriero-demo");
  await Promise.all(replicas.map((replica) => replica.whenReady({ timeoutMs: 10_000 })));
});
afterEach(() => from.close());

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

const first = (name: string, words = ""): Turn[] => [{ role: "user", content: `${name} asks about llamas. ${words}` }];
const next = (turns: Turn[], content = "And then?"): Turn[] => [
  ...turns,
  { role: "assistant", content: "They carry." },
  { role: "user", content },
];
const body = (messages: Turn[]) => ({ model: "arriero-demo", messages, max_tokens: 4, seed: 1 });

const generated = async () => new Map((await from.status()).map(({ id, tokens }) => [id, tokens.generated]));

/** The replica that the request was sent to. */
async function servedBy(messages: Turn[]): Promise<string> {
  const before = await generated();
  expect((await from.post("/v1/chat/completions", body(messages))).status).toBe(200);
  const after = await generated();
  const [served, ...others] = [...after].filter(([id, tokens]) => tokens !== before.get(id));
  expect(others).toEqual([]);
  return served![0];
}

const names = ["Ana", "Ben", "Chi", "Dan", "Eva", "Fay"];

it("turn 2 goes to the replica that has turn 1, in whatever order they come", async () => {
  const homes = new Map<string, string>();
  for (const name of names) homes.set(name, await servedBy(first(name)));
  expect(new Set(homes.values()).size).toBe(3);
  for (const name of [...names].reverse()) expect([name, await servedBy(next(first(name)))]).toEqual([name, homes.get(name)]);
});

it("goes elsewhere while that replica is busy", async () => {
  const home = await servedBy(first("Ana"));
  const leave = new AbortController();
  const long = { ...body(next(first("Ana"), "Slowly: delay:20")), max_tokens: 2_000, stream: true };
  const stream = await from.post("/v1/chat/completions", long, { signal: leave.signal });
  const reader = stream.body!.getReader();
  await reader.read();
  const busy = from.fleet.list().find(({ outstanding }) => outstanding === 1);
  expect(busy?.id).toBe(home);
  const leased = from.fleet.list().map(({ id }) => id);
  // The stream goes on making tokens, so the other answer is found by whom it was leased from.
  const asked = from.post("/v1/chat/completions", { ...body(next(first("Ana"))), max_tokens: 1 });
  await asked;
  const idle = (await from.status()).filter(({ id }) => id !== home && leased.includes(id));
  expect(idle.reduce((sum, { tokens }) => sum + tokens.generated, 0)).toBe(1);
  leave.abort();
  await reader.cancel().catch(() => undefined);
});

it("forgets what the replica says that it has evicted", async () => {
  const home = await servedBy(first("Ana"));
  expect(await servedBy(next(first("Ana"), "Now evict"))).toBe(home);
  // Until it was asked, it is believed to hold what it was sent.
  await eventually("another replica", async () => (await servedBy(next(first("Ana")))) !== home || null);
});

it("a replica that was restarted starts with nothing", async () => {
  const home = await servedBy(first("Ana"));
  const replica = from.fleet.list().find(({ id }) => id === home)!;
  const pid = replica.pid!;
  process.kill(pid, "SIGKILL");
  await eventually("the restart", () => replica.state === "ready" && replica.pid !== pid);
  // It has not rested longest of those that hold nothing.
  expect(await servedBy(next(first("Ana")))).not.toBe(home);
});
