import { GenerationInput, type HeldPrefixes, type ReplicaAddress } from "@arriero/spec";
import { expect, it } from "vitest";
import { PrefixAffinity, RequestMarks } from "./prefix-affinity.ts";

const replica: ReplicaAddress = { url: "http://127.0.0.1:1", token: "t" };

function marksOf(...turns: string[]) {
  const messages = turns.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content }));
  return new RequestMarks({ adapter: null, input: GenerationInput.parse({ kind: "chat", messages }) }, 100);
}

function affinityOver(answer: () => Promise<HeldPrefixes | null>) {
  let now = 1_000;
  const due: { readonly at: number; readonly run: () => void }[] = [];
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const entry = { at: now + ms, run };
      due.push(entry);
      return () => void due.splice(due.indexOf(entry), 1);
    },
  };
  const pass = async (ms: number) => {
    now += ms;
    for (const { run } of due.splice(0).filter(({ at }) => at <= now)) run();
    await new Promise((resolve) => setImmediate(resolve));
  };
  let asked = 0;
  const ask = () => {
    asked++;
    return answer();
  };
  return { affinity: new PrefixAffinity({ ask, clock }), pass, asked: () => asked };
}

const first = () => marksOf("What do llamas carry?");
const second = () => marksOf("What do llamas carry?", "Loads.", "How heavy?");

it("a place that was sent the first turn holds part of the second", () => {
  const { affinity } = affinityOver(() => Promise.reject(new Error("not asked")));
  affinity.sent("vllm", first());
  expect(affinity.tokensHeld("vllm", second())).toBe(100);
  expect(affinity.tokensHeld("other", second())).toBe(0);
  expect(affinity.tokensHeld("vllm", marksOf("Something else?"))).toBe(0);
});

it("what is only assumed is forgotten after a while", async () => {
  const { affinity, pass } = affinityOver(() => Promise.reject(new Error("not asked")));
  affinity.sent("vllm", first());
  await pass(300_001);
  expect(affinity.tokensHeld("vllm", second())).toBe(0);
});

it("a replica is asked once for a burst; what it tells stands, and does not age", async () => {
  const told = { adapters: ["pirate"], prefixes: [{ key: first().get().at(-1)!.key, tokens: 37 }] };
  const { affinity, asked, pass } = affinityOver(async () => told);
  for (const _ of [1, 2, 3]) affinity.ended(replica, first(), "demo");
  await pass(500);
  expect(asked()).toBe(1);
  expect(affinity.tokensHeld(replica.url, second())).toBe(37);
  expect(affinity.heldByReplicas("demo", second())).toEqual({ prefixTokens: 37, adapters: ["pirate"] });
  await pass(3_600_000);
  expect(affinity.tokensHeld(replica.url, second())).toBe(37);
});

it("what a replica evicted is forgotten, and what was sent while it was asked is not", async () => {
  let settle: (held: HeldPrefixes) => void = () => undefined;
  const { affinity, pass } = affinityOver(() => new Promise((resolve) => (settle = resolve)));
  affinity.ended(replica, first(), "demo");
  await pass(500);
  affinity.sent(replica.url, marksOf("Something else?"), "demo");
  settle({ adapters: [], prefixes: [] });
  await pass(0);
  expect(affinity.tokensHeld(replica.url, second())).toBe(0);
  expect(affinity.tokensHeld(replica.url, marksOf("Something else?"))).toBe(100);
});

it("a prompt that was still being read when the replica was asked is held when its request has ended", async () => {
  const { affinity, pass } = affinityOver(async () => ({ adapters: [], prefixes: [] }));
  affinity.sent(replica.url, first(), "demo");
  await pass(1);
  affinity.ended(replica, marksOf("Something else?"), "demo");
  await pass(500);
  expect(affinity.tokensHeld(replica.url, second())).toBe(0);
  affinity.ended(replica, first(), "demo");
  expect(affinity.tokensHeld(replica.url, second())).toBe(100);
});

it("a replica too busy to answer is believed a while longer", async () => {
  const { affinity, pass } = affinityOver(async () => null);
  affinity.ended(replica, first(), "demo");
  await pass(500);
  expect(affinity.tokensHeld(replica.url, second())).toBe(100);
  await pass(300_001);
  expect(affinity.tokensHeld(replica.url, second())).toBe(0);
});

it("a replica that is gone holds nothing", async () => {
  const { affinity, pass } = affinityOver(() => Promise.reject(new Error("connection refused")));
  affinity.ended(replica, first(), "demo");
  await pass(500);
  expect(affinity.tokensHeld(replica.url, second())).toBe(0);
});

it("keeps a bounded number of marks and places", () => {
  const { affinity } = affinityOver(() => Promise.reject(new Error("not asked")));
  for (let place = 0; place < 300; place++) affinity.sent(`place ${place}`, first());
  expect(affinity.tokensHeld("place 0", first())).toBe(0);
  for (let prompt = 0; prompt < 10_000; prompt++) affinity.sent("place 299", marksOf(`prompt ${prompt}`));
  expect(affinity.tokensHeld("place 299", first())).toBe(0);
  expect(affinity.tokensHeld("place 299", marksOf("prompt 9999"))).toBe(100);
});
