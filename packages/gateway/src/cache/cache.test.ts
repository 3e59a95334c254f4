import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { eventually } from "../testing/eventually.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { chat, readAnswer, readSse, startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { NO_RESPONSE_CACHE } from "./response-cache.ts";

const ROUTING = { models: [], residency: NO_RESIDENCY, ownRegions: ["eu-west-1"] };
const LIVE = { routing: ROUTING, prices: [], limits: GATEWAY_LIMITS };

let from: TestGateway;
let store: FakeStore;
let late = 0;
beforeEach(async () => {
  late = 0;
  store = new FakeStore();
  from = await startTestGateway({
    gateway: {
      requireKey: true,
      keys: ["owner-key"],
      openStore: async () => store,
      clock: {
        now: () => Date.now() + late,
        after: (ms, fire) =>
          (
            (timer) => () =>
              clearTimeout(timer)
          )(setTimeout(fire, ms)),
      },
      cache: { bytes: 1_000_000, seconds: 60, models: ["other"] },
      routing: ROUTING,
    },
  });
  await from.ready();
});
afterEach(() => from.close());

async function ask(body: object = {}, headers: Record<string, string> = {}, key = "owner-key") {
  const asked = { ...chat("one two three", { temperature: 0 }), ...body };
  const init = { headers: { authorization: `Bearer ${key}`, "arriero-cache": "use", ...headers } };
  const response = await from.post("/v1/chat/completions", asked, init);
  return { response, outcome: response.headers.get("arriero-cache") };
}

const generated = async (): Promise<number> => {
  const init = { headers: { authorization: "Bearer owner-key" } };
  const replicas = (await (await fetch(`${from.url}/arriero/v1/replicas`, init)).json()) as { tokens: { generated: number } }[];
  return replicas.reduce((sum, { tokens }) => sum + tokens.generated, 0);
};

describe("the response cache", () => {
  it("gives the same answer again, streamed or whole, computes nothing and bills nothing", async () => {
    const first = await ask();
    const answer = await readAnswer(first.response);
    const before = await generated();
    const again = await ask();
    const repeated = await readAnswer(again.response);
    expect([first.outcome, again.outcome]).toEqual(["miss", "hit"]);
    expect(repeated.choices).toEqual(answer.choices);
    expect(repeated.usage.completion_tokens).toBe(answer.usage.completion_tokens);
    const streamed = await ask({ stream: true });
    const stream = readSse(await streamed.response.text());
    expect([streamed.outcome, stream.text, stream.done]).toEqual(["hit", answer.choices[0]!.message.content, true]);
    expect(await generated()).toBe(before);
    const end = await eventually("the hit's row", () => store.rows[1]?.ends[0]);
    expect(end).toMatchObject({ status: "completed", backend: "cache", promptTokens: 0, completionTokens: 0, costMicros: 0 });
    expect(await from.lastLine("/v1/chat/completions")).toMatchObject({ cache: "hit" });
  });

  it.each([
    ["another question", { messages: [{ role: "user", content: "four" }] }, {}],
    ["another length", { max_tokens: 2 }, {}],
    ["another stop", { stop: ["x"] }, {}],
    ["another policy", {}, { "arriero-allowed-regions": "eu-*" }],
    ["another class of data", { metadata: { "arriero-data-class": "internal" } }, {}],
  ])("has no answer for %s", async (_, body, headers) => {
    await (await ask()).response.text();
    const other = await ask(body, headers);
    expect([other.response.status, other.outcome]).toEqual([200, "miss"]);
  });

  it("gives nobody what another key was answered", async () => {
    const [a, b] = [store.addKey("a", { organisationId: "acme" }), store.addKey("b", { organisationId: "acme" })];
    expect((await ask({}, {}, a)).outcome).toBe("miss");
    expect((await ask({}, {}, b)).outcome).toBe("miss");
    expect((await ask({}, {}, a)).outcome).toBe("hit");
  });

  it("never answers where the policy would not have let the request in", async () => {
    expect((await ask()).outcome).toBe("miss");
    const refused = await ask({}, { "arriero-allowed-regions": "us-*" });
    expect([refused.response.status, refused.outcome]).toEqual([403, "bypass"]);
  });

  it("is for what would be answered alike: temperature 0, or a seed", async () => {
    const seeded = { temperature: 0.8, seed: 7 };
    expect((await ask(seeded)).outcome).toBe("miss");
    expect((await ask(seeded)).outcome).toBe("hit");
    expect((await ask({ ...seeded, seed: 8 })).outcome).toBe("miss");
    expect((await ask({ temperature: 0.8, seed: null })).outcome).toBe("bypass");
    expect((await ask({ seed: null })).outcome).toBe("miss");
    expect((await ask({ seed: null })).outcome).toBe("hit");
  });

  it("is used only where the caller or the configuration says so", async () => {
    const unasked = async (body: object, said: Record<string, string> = {}) => {
      const headers = { authorization: "Bearer owner-key", ...said };
      const response = await from.post("/v1/chat/completions", { ...chat("one", { temperature: 0 }), ...body }, { headers });
      return response.headers.get("arriero-cache");
    };
    expect([await unasked({}), await unasked({})]).toEqual([null, null]);
    expect([await unasked({ model: "other" }), await unasked({ model: "other" })]).toEqual(["miss", "hit"]);
    expect(await unasked({ model: "other" }, { "arriero-cache": "off" })).toBeNull();
    expect((await ask({}, { "arriero-cache": "perhaps" })).response.status).toBe(400);
  });

  it("begins anew under another configuration", async () => {
    expect((await ask()).outcome).toBe("miss");
    const reload = (models: string[]) => ({ ...LIVE, cache: { bytes: 1_000_000, seconds: 60, models } });
    await from.server.reload(async () => reload(["arriero-demo"]));
    const asked = chat("one two three", { temperature: 0 });
    const unasked = await from.post("/v1/chat/completions", asked, { headers: { authorization: "Bearer owner-key" } });
    expect(unasked.headers.get("arriero-cache")).toBe("miss");
    await unasked.text();
    expect((await ask()).outcome).toBe("hit");
    await from.server.reload(async () => ({ ...LIVE, cache: NO_RESPONSE_CACHE }));
    expect((await ask()).outcome).toBeNull();
  });

  it("forgets what is too old", async () => {
    expect((await ask()).outcome).toBe("miss");
    late = 59_000;
    expect((await ask()).outcome).toBe("hit");
    late = 61_000;
    expect((await ask()).outcome).toBe("miss");
  });
});
