import type { page } from "@arriero/spec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NO_RESIDENCY } from "./routing/residency.ts";
import { eventually } from "./testing/eventually.ts";
import { FakeStore, keyText } from "./testing/fake-store.ts";
import { chat, readAnswer, startTestGateway, type TestGateway } from "./testing/test-gateway.ts";

const OWN = "owner-key";
let store: FakeStore;
const open: TestGateway[] = [];

beforeEach(() => {
  store = new FakeStore();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function gateway(options: NonNullable<Parameters<typeof startTestGateway>[0]>["gateway"] = {}, fault = {}) {
  const openStore = async () => store;
  const from = await startTestGateway({ gateway: { requireKey: true, keys: [OWN], openStore, ...options }, fault });
  open.push(from);
  return from;
}

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

async function ask(from: TestGateway, key: string, body: Record<string, unknown> = {}) {
  const response = await from.post("/v1/chat/completions", chat("one two three", body), bearer(key));
  const answer = await readAnswer(response);
  return {
    status: response.status,
    code: answer.error?.code ?? null,
    message: answer.error?.message,
    headers: response.headers,
    answer,
  };
}

const ended = (row = 0) => eventually("the row's end", () => store.rows[row]?.ends[0]);

describe("a key of the store", () => {
  it("opens the server, is asked for once, and the row bears its id", async () => {
    const from = await gateway();
    const key = store.addKey("a", { organisationId: "acme" });
    expect((await ask(from, key)).status).toBe(200);
    expect((await ask(from, key)).status).toBe(200);
    expect(store.asked).toHaveLength(1);
    const end = await ended(1);
    expect(store.rows.map(({ keyId, organisationId, model }) => [keyId, organisationId, model])).toEqual([
      ["key_a", "acme", "arriero-demo"],
      ["key_a", "acme", "arriero-demo"],
    ]);
    expect(end).toMatchObject({ status: "completed", attempts: 1, continuations: 0 });
    expect(new Set(store.rows.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    [{ expiresAt: 1 }, "key_expired"],
    [{ revokedAt: 1 }, "key_revoked"],
  ])("is refused as %j", async (changes, code) => {
    const from = await gateway({ requireKey: false });
    const key = store.addKey("b", changes);
    // Also where the server is open to local callers: a key that has ended is no made-up one.
    expect(await ask(from, key)).toMatchObject({ status: 401, code });
  });

  it("is unauthorized where nobody knows it, and one of another shape is not looked up", async () => {
    const from = await gateway();
    expect(await ask(from, keyText("c"))).toMatchObject({ status: 401, code: "unauthorized" });
    expect(await ask(from, "sk-other")).toMatchObject({ status: 401, code: "unauthorized" });
    expect(store.asked).toHaveLength(1);
  });

  it("is refused while the store is away, be it at its opening or later; the owner's keys go on", async () => {
    const from = await gateway({ openStore: () => Promise.reject(new Error("no route")) });
    expect(await ask(from, keyText("d"))).toMatchObject({ status: 503, code: "store_unavailable" });
    expect((await ask(from, OWN)).status).toBe(200);
    const other = await gateway();
    store.isAway = true;
    expect(await ask(other, keyText("d"))).toMatchObject({ status: 503, code: "store_unavailable" });
  });

  it("waits for the store to open, and not for ever; who needs none does not wait", async () => {
    const openings: ((store: FakeStore) => void)[] = [];
    const openStore = () => new Promise<FakeStore>((resolve) => openings.push(resolve));
    const key = store.addKey("e");
    const short = await gateway({ openStore, limits: { storeMs: 30 } });
    expect(await ask(short, key)).toMatchObject({ status: 503, code: "store_unavailable" });
    const from = await gateway({ openStore, requireKey: false });
    const waiting = ask(from, key);
    expect((await from.post("/v1/chat/completions", chat("local"))).status).toBe(200);
    expect(store.rows).toEqual([]);
    for (const resolve of openings) resolve(store);
    expect((await waiting).status).toBe(200);
    await eventually("both rows", () => store.rows.filter(({ ends }) => ends.length === 1).length === 2);
    expect(new Set(store.rows.map(({ keyId }) => keyId))).toEqual(new Set([null, "key_e"]));
  });

  it("may use models, not change them", async () => {
    const from = await gateway();
    const response = await fetch(`${from.url}/api/delete`, { method: "DELETE", body: "{}", ...bearer(store.addKey("f")) });
    expect(response.status).toBe(403);
  });
});

describe("models of a key", () => {
  const listed = async (from: TestGateway, key: string) => {
    const { data } = (await (await fetch(`${from.url}/v1/models`, bearer(key))).json()) as { data: { id: string }[] };
    return data.map(({ id }) => id);
  };

  it.each([
    [["arriero-demo"], ["arriero-demo"]],
    [["arriero-*"], ["arriero-demo", "arriero-demo+pirate"]],
    [["*+pirate"], ["arriero-demo+pirate"]],
    [["other", "nothing"], ["other"]],
    [["none"], []],
  ])("%j are all it sees and may use", async (models, visible) => {
    const from = await gateway();
    const key = store.addKey("m", { models });
    expect(await listed(from, key)).toEqual(visible);
    for (const model of ["arriero-demo", "arriero-demo+pirate", "other"]) {
      const { code, message, status } = await ask(from, key, { model, max_tokens: 1 });
      if (visible.includes(model)) expect(status).toBe(200);
      else {
        expect([404, "model_not_found", "adapter_not_found"]).toEqual(expect.arrayContaining([status, code]));
        for (const hidden of ["arriero-demo", "other"].filter((name) => !visible.some((each) => each.startsWith(name)))) {
          if (!model.startsWith(hidden)) expect(message).not.toContain(hidden);
        }
      }
    }
    expect(await listed(from, OWN)).toEqual(["arriero-demo", "arriero-demo+pirate", "other"]);
  });

  it("hold on every dialect's routes", async () => {
    const from = await gateway();
    const key = store.addKey("n", { models: ["other"] });
    const body = { model: "arriero-demo", messages: [{ role: "user", content: "x" }], prompt: "x", input: "x", max_tokens: 1 };
    const more = { query: "x", documents: ["x"], name: "arriero-demo", inputs: "x", parameters: { adapter_id: "pirate" } };
    const paths = [
      "/v1/completions",
      "/v1/responses",
      "/v1/messages",
      "/v1/messages/count_tokens",
      "/v1/embeddings",
      "/v1/rerank",
    ];
    paths.push("/api/chat", "/api/generate", "/api/embed", "/api/show", "/arriero/v1/models/unload", "/generate");
    for (const path of paths) {
      // The Responses API has a `prompt` of another kind.
      const { prompt: _, ...without } = body;
      const asked = path === "/v1/responses" ? without : { ...body, ...more };
      const response = await from.post(path, asked, bearer(key));
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect(store.rows).toEqual([]);
  });
});

describe("limits of a key", () => {
  it("are told in headers, and hold", async () => {
    const from = await gateway();
    const key = store.addKey("r", { requestsPerMinute: 1, tokensPerMinute: 1000 });
    const { headers, status } = await ask(from, key);
    expect([status, headers.get("x-ratelimit-limit-requests"), headers.get("x-ratelimit-remaining-requests")]).toEqual([
      200,
      "1",
      "0",
    ]);
    expect(headers.get("x-ratelimit-limit-tokens")).toBe("1000");
    const refused = await ask(from, key);
    expect(refused).toMatchObject({ status: 429, code: "rate_limited" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    // Routes that keep no replica busy are free.
    expect((await fetch(`${from.url}/v1/models`, bearer(key))).status).toBe(200);
  });

  it("of money end in 402", async () => {
    const from = await gateway();
    const key = store.addKey("s", { budget: { micros: 10, period: "day" } });
    store.spent = { day: { tokens: 0, micros: 10 }, month: { tokens: 0, micros: 10 } };
    expect(await ask(from, key)).toMatchObject({ status: 402, code: "budget_exceeded" });
    expect(store.rows).toEqual([]);
  });
});

describe("the organisation of a key", () => {
  const rules = (changes: Partial<page.OrganisationRules>): page.OrganisationRules => ({
    residency: { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null },
    budget: null,
    tokenBudget: null,
    ...changes,
  });

  it("binds it to a budget that all of its keys share, and no other organisation's", async () => {
    const prices = [{ model: "*", prompt: 100, cached: 100, completion: 100 }];
    const from = await gateway({ prices });
    const acme = { organisationId: "acme", rules: rules({ budget: { micros: 100, period: "month" } }) };
    const [first, second] = [store.addKey("a", acme), store.addKey("b", acme)];
    expect((await ask(from, first)).status).toBe(200);
    await ended();
    // The ledger has not been asked again: what the first one spent here counts for the second.
    const refused = await ask(from, second);
    expect(refused).toMatchObject({ status: 402, code: "budget_exceeded" });
    expect(refused.message).toContain("The organisation has spent");
    expect((await ask(from, store.addKey("c", { organisationId: "other", rules: rules({}) }))).status).toBe(200);
    expect((await ask(from, OWN)).status).toBe(200);
  });

  it("binds it to a budget in tokens, be it the store's or the configuration's, and not who runs the server", async () => {
    const tokens = (most: number) => ({ budget: null, tokenBudget: { tokens: most, period: "day" as const } });
    const from = await gateway({ budgets: new Map([["herd", tokens(20)]]) });
    const kept = store.addKey("a", { organisationId: "acme", rules: rules(tokens(20)) });
    const configured = store.addKey("b", { organisationId: "herd" });
    for (const [row, key] of [kept, configured].entries()) {
      expect((await ask(from, key)).status).toBe(200);
      await ended(row);
      const refused = await ask(from, key);
      expect(refused).toMatchObject({ status: 402, code: "budget_exceeded" });
      expect(refused.message).toMatch(/The organisation has used \d+ of its 20 tokens a day/);
    }
    expect((await ask(from, OWN)).status).toBe(200);
  });

  it("binds it to the regions that the store has for it, beside its own", async () => {
    const inEurope = { models: [], residency: NO_RESIDENCY, ownRegions: ["eu-west"] };
    const from = await gateway({ routing: inEurope });
    const within = (...allowedRegions: string[]) => rules({ residency: { ...NO_RESIDENCY, allowedRegions } });
    expect((await ask(from, store.addKey("e", { rules: within("eu-*") }))).status).toBe(200);
    expect(await ask(from, store.addKey("u", { rules: within("us-*") }))).toMatchObject({ status: 403, code: "forbidden" });
    const both = store.addKey("x", { rules: within("eu-*"), allowedRegions: ["us-*"] });
    expect(await ask(from, both)).toMatchObject({ status: 403, code: "forbidden" });
  });
});

describe("the ledger", () => {
  it("bills what was generated, with the price of the model", async () => {
    const prices = [{ model: "arriero-*", prompt: 2, cached: 1, completion: 10 }];
    const from = await gateway({ prices });
    const { answer } = await ask(from, OWN);
    const end = await ended();
    const { cachedTokens, completionTokens, promptTokens } = end as Required<typeof end>;
    expect(completionTokens).toBe(answer.usage.completion_tokens);
    expect(end.costMicros).toBe((promptTokens - cachedTokens) * 2 + cachedTokens + completionTokens * 10);
    expect(store.rows[0]!.keyId).toMatch(/^key:/);
  });

  it("has a cancelled row for a caller who left", async () => {
    const from = await gateway();
    const leave = new AbortController();
    const init = { ...bearer(OWN), signal: leave.signal };
    const response = await from.post(
      "/v1/chat/completions",
      chat("delay:20 long answer", { stream: true, max_tokens: 500 }),
      init,
    );
    const reader = response.body!.getReader();
    await reader.read();
    leave.abort();
    const end = await ended();
    expect(end).toMatchObject({ status: "cancelled", errorCode: "cancelled" });
  });

  it("refuses before the first byte where it can take no more", async () => {
    const from = await gateway({ limits: { storeMs: 30 } });
    store.isFull = true;
    expect(await ask(from, OWN)).toMatchObject({ status: 503, code: "store_unavailable" });
    expect(store.rows).toEqual([]);
  });

  it("is closed with the gateway", async () => {
    const from = await gateway();
    await from.close();
    expect(store.closed).toBe(true);
  });
});

describe("GET /metrics", () => {
  it.each([
    ["without a scope", {}, 200],
    ["that ends at some time", { expiresAt: 9e15 }, 200],
    ["with a limit", { requestsPerMinute: 60 }, 403],
    ["for some models", { models: ["arriero-demo"] }, 403],
    ["for some regions", { allowedRegions: [] }, 403],
    ["of another organisation", { organisationId: "acme" }, 403],
  ])("and a key %s", async (_, changes, status) => {
    const from = await gateway();
    const response = await fetch(`${from.url}/metrics`, bearer(store.addKey("m", changes)));
    expect(response.status).toBe(status);
    expect((await response.text()).includes("arriero_requests_total")).toBe(status === 200);
  });
});

describe("GET /arriero/v1/usage", () => {
  const usage = async (from: TestGateway, key: string, query = "") => {
    const response = await fetch(`${from.url}/arriero/v1/usage${query}`, bearer(key));
    const body = (await response.json()) as { usage: { key: string }[]; total: { requests: number }; error: { code: string } };
    return { status: response.status, ...body };
  };

  it("shows a key its own rows, and the owner all", async () => {
    const from = await gateway();
    const [a, b] = [store.addKey("a"), store.addKey("b")];
    await ask(from, a);
    await ask(from, b);
    await ended(1);
    expect((await usage(from, a)).usage.map(({ key }) => key)).toEqual(["key_a"]);
    expect((await usage(from, OWN)).usage.map(({ key }) => key)).toEqual(["key_a", "key_b"]);
    expect((await usage(from, OWN)).total.requests).toBe(2);
  });

  it("refuses days out of range, a store that is away, and a server without one", async () => {
    const from = await gateway();
    expect(await usage(from, OWN, "?days=0")).toMatchObject({ status: 400, error: { code: "invalid_request" } });
    store.isAway = true;
    expect(await usage(from, OWN)).toMatchObject({ status: 503, error: { code: "store_unavailable" } });
    const without = await gateway({ openStore: undefined });
    expect(await usage(without, OWN)).toMatchObject({ status: 400, error: { code: "unsupported" } });
  });
});
