import { systemClock } from "@arriero/fleet";
import { BackendEntry, GenerationInput, ModelEntry } from "@arriero/spec";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PrefixAffinity, RequestMarks } from "../affinity/prefix-affinity.ts";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { eventually } from "../testing/eventually.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { chat, startTestGateway } from "../testing/test-gateway.ts";
import { openAiWire } from "../testing/wires.ts";
import { RedisLink } from "./redis-link.ts";
import { SharedPrefixes } from "./shared-prefixes.ts";
import { noRedis, type RealRedis, startRedis } from "./testing/real-redis.ts";

type Backend = Awaited<ReturnType<typeof startFaultyUpstream>>;

let redis: RealRedis;
let backends: Backend[];
const opened: (() => Promise<unknown>)[] = [];

async function gateway(options: NonNullable<Parameters<typeof startTestGateway>[0]>["gateway"] = {}) {
  const entries = backends.map(({ origin }, index) =>
    BackendEntry.parse({ id: `b${index}`, kind: "openai", url: `${origin}/v1`, boundary: "contractual", regions: ["eu-west-1"] }),
  );
  const models = [describeModel("llama", ModelEntry.parse({ backends: entries, policy: "prefix-affinity" }), [])];
  const routing = { models, residency: NO_RESIDENCY, ownRegions: [] };
  const started = await startTestGateway({ gateway: { routing, redisUrl: redis.url, ...options } });
  opened.push(() => started.close());
  return started;
}

type Gateway = Awaited<ReturnType<typeof gateway>>;

const messagesOf = (name: string, turns: number) =>
  Array.from({ length: 2 * turns - 1 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `${name} ${index}: ${"the llamas carry what they are given. ".repeat(9)}`,
  }));
const inputOf = (name: string, turns: number) =>
  GenerationInput.parse({ kind: "chat", messages: messagesOf(name, turns), tools: [] });
const turn = (from: Gateway, name: string, turns: number) =>
  from.post("/v1/chat/completions", { ...chat(""), model: "llama", messages: messagesOf(name, turns) });
const marks = new RequestMarks({ adapter: null, input: inputOf("Ana", 1) }, 80);

/** What one gateway knows of places. Every replica that it asks is gone. */
async function affinity() {
  const known = new PrefixAffinity({ ask: () => Promise.reject(new Error("connection refused")), clock: systemClock });
  const link = new RedisLink({ url: redis.url, clock: systemClock, onChange: () => undefined });
  link.open();
  const shared = new SharedPrefixes(link, systemClock, known);
  opened.push(async () => {
    shared.close();
    known.close();
    link.close();
  });
  await eventually("the link", () => link.isUp);
  return { affinity: known };
}

/** The backend that answered. */
async function servedBy(from: Gateway, name: string, turns: number): Promise<number> {
  const before = backends.map(({ requests }) => requests.length);
  expect((await turn(from, name, turns)).status).toBe(200);
  return backends.findIndex(({ requests }, index) => requests.length > before[index]!);
}

describe.skipIf(noRedis !== null)(`gateways on a real Redis${noRedis === null ? "" : ` (skipped: ${noRedis})`}`, () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());
  beforeEach(async () => {
    backends = await Promise.all([1, 2, 3].map(() => startFaultyUpstream({ wire: openAiWire, pieces: ["They ", "carry."] })));
    for (const { close } of backends) opened.push(close);
  });
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  it("what one holds the others hear, one that began later too, and what is gone", async () => {
    const [one, other] = [await affinity(), await affinity()];
    one.affinity.sent("llama/gpu", marks, null);
    one.affinity.sent("http://127.0.0.1:7", marks, "stored");
    const heard = ({ affinity }: typeof one) =>
      affinity.tokensHeld("llama/gpu", marks) === 80 && affinity.heldByReplicas("stored", marks).prefixTokens === 80;
    await eventually("the other to hear", () => heard(other));
    const late = await affinity();
    await eventually("the late one to hear", () => heard(late));
    // The replica dies.
    one.affinity.ended({ url: "http://127.0.0.1:7", token: "" }, marks, "stored");
    for (const { affinity } of [other, late]) {
      await eventually("its end", () => affinity.tokensHeld("http://127.0.0.1:7", marks) === 0);
      expect(affinity.tokensHeld("llama/gpu", marks)).toBe(80);
    }
  });

  it("a conversation finds its backend from another gateway", async () => {
    const [one, other, watcher] = [await gateway(), await gateway(), await affinity()];
    let round = 0;
    await eventually("six conversations at home", async () => {
      round++;
      const names = ["Ana", "Ben", "Chi", "Dan", "Eva", "Fay"].map((name) => `${name} ${round}`);
      const homes = new Map<string, number>();
      for (const name of names) homes.set(name, await servedBy(one, name, 1));
      expect(new Set(homes.values()).size).toBe(3);
      const last = new RequestMarks({ adapter: null, input: inputOf(names.at(-1)!, 1) }, 80);
      const home = `llama/b${homes.get(names.at(-1)!)}`;
      await eventually("a third to hear", () => watcher.affinity.tokensHeld(home, last) > 0);
      // The other may hear a moment after the third: then six new ones are tried. By turns alone not all would meet theirs.
      const met: boolean[] = [];
      for (const name of names.reverse()) met.push((await servedBy(other, name, 2)) === homes.get(name));
      return met.every(Boolean);
    });
  });

  it("a key's limit holds for both; while Redis hangs each has its own, and no request waits", async () => {
    const store = new FakeStore();
    const key = store.addKey("a", { requestsPerMinute: 30 });
    const limited = { requireKey: true, keys: ["owner"], openStore: async () => store };
    const [one, other] = [await gateway(limited), await gateway(limited)];
    const ask = async (from: Gateway) => {
      const headers = { authorization: `Bearer ${key}` };
      return (await from.post("/v1/chat/completions", { ...chat("hello"), model: "llama" }, { headers })).status;
    };
    for (let request = 0; request < 30; request++) expect(await ask(one)).toBe(200);
    let over = 0;
    await eventually("the other's refusal", async () => {
      const status = await ask(other);
      if (status === 200) over++;
      return status === 429;
    });
    expect(over).toBeLessThan(30);

    redis.freeze();
    const fresh = store.addKey("b", { requestsPerMinute: 30 });
    const began = performance.now();
    for (const from of [one, other]) {
      const headers = { authorization: `Bearer ${fresh}` };
      for (let request = 0; request < 30; request++) {
        expect((await from.post("/v1/chat/completions", { ...chat("hello"), model: "llama" }, { headers })).status).toBe(200);
      }
    }
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const { logged } of [one, other]) {
      await eventually("the warning", () => logged.find(({ msg }) => String(msg).startsWith("Redis is away")));
    }
    redis.thaw();
    await eventually("its return", () => one.logged.find(({ msg }) => String(msg).startsWith("Redis answers again")));
  });
});
