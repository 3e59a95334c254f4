import { ArrieroError } from "@arriero/spec";
import { afterEach, describe, expect, it } from "vitest";
import {
  catalogue,
  chat,
  readAnswer,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "../testing/test-gateway.ts";

const open: TestGateway[] = [];

async function gateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const started = await startTestGateway(options);
  open.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** What a route answers, body read. */
async function ask(from: TestGateway, method: string, path: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(from.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("launch", () => {
  it("loads the model, and its uid serves on every route until it is terminated", async () => {
    const from = await gateway();
    expect(await ask(from, "POST", "/v1/models", { model_name: "arriero-demo", model_uid: "mine" })).toEqual({
      status: 200,
      body: { model_uid: "mine" },
    });
    expect(await from.status()).toMatchObject([{ modelName: "arriero-demo", state: "ready" }]);
    expect((await ask(from, "GET", "/v1/models/mine")).body).toMatchObject({ id: "mine", model_name: "mine", model_type: "LLM" });
    const pirate = await readAnswer(from.post("/v1/chat/completions", { ...chat("hello"), model: "mine+pirate" }));
    expect(pirate.choices[0]!.message.content).toMatch(/^pirate:w/);
    expect((await ask(from, "DELETE", "/v1/models/mine")).status).toBe(200);
    expect(await from.status()).toEqual([]);
    expect((await from.post("/v1/chat/completions", { ...chat("hello"), model: "mine" })).status).toBe(404);
    expect((await ask(from, "DELETE", "/v1/models/mine")).status).toBe(404);
  });

  it("without a uid answers with the name, and terminate unloads by it", async () => {
    const from = await gateway();
    const launched = await ask(from, "POST", "/v1/models", { model_name: "arriero-demo+pirate" });
    expect(launched.body).toEqual({ model_uid: "arriero-demo+pirate" });
    expect((await ask(from, "DELETE", `/v1/models/${encodeURIComponent("arriero-demo+pirate")}`)).status).toBe(200);
    expect(await from.status()).toEqual([]);
  });

  it("keeps a model while another uid stands for it", async () => {
    const from = await gateway();
    for (const model_uid of ["one", "two"]) await ask(from, "POST", "/v1/models", { model_name: "other", model_uid });
    await ask(from, "DELETE", "/v1/models/one");
    expect(await from.status()).toHaveLength(1);
    await ask(from, "DELETE", "/v1/models/two");
    expect(await from.status()).toEqual([]);
  });

  it("serves a model that generates for vectors as well", async () => {
    const from = await gateway();
    await ask(from, "POST", "/v1/models", { model_name: "other", model_uid: "vectors", model_type: "embedding" });
    const { body } = await ask(from, "GET", "/v1/models/vectors");
    expect(body).toMatchObject({ model_type: "embedding", dimensions: 3 });
    expect(body).not.toHaveProperty("model_ability");
  });

  it("does not wait with wait_ready=false", async () => {
    const from = await gateway({ fault: { slowStartMs: 500 } });
    expect((await ask(from, "POST", "/v1/models?wait_ready=false", { model_name: "other" })).status).toBe(200);
    expect(from.fleet.list().map(({ state }) => state)).not.toContain("ready");
  });

  it.each([
    [{ model_name: "nobody" }, 404, "model_not_found"],
    [{ model_name: "other", model_type: "rerank" }, 400, "unsupported"],
    [{ model_name: "other", model_uid: "arriero-demo" }, 409, "conflict"],
    [{ model_name: "arriero-demo+pirate", model_uid: "mine" }, 400, "unsupported"],
  ])("refuses %j in Xinference's words", async (body, status, code) => {
    const from = await gateway();
    expect(await ask(from, "POST", "/v1/models", body)).toEqual({
      status,
      body: { detail: expect.stringContaining(`[${code}]`) },
    });
    expect(from.fleet.list()).toEqual([]);
  });

  it("says why a model does not load", async () => {
    const failed = { code: "model_load_failed", message: "out of memory", hint: "See the log." };
    const from = await gateway({
      fault: { failed },
      host: { limits: { loadMs: 2_000 } },
      gateway: { limits: { loadMs: 2_000 } },
    });
    const { body, status } = await ask(from, "POST", "/v1/models", { model_name: "other", model_uid: "mine" });
    expect(status).toBeGreaterThanOrEqual(500);
    expect(Object.keys(body)).toEqual(["detail"]);
    // Its uid is free again.
    expect((await ask(from, "GET", "/v1/models/mine")).status).toBe(404);
  });
});

describe("the list", () => {
  it("has an entry's fields for OpenAI's clients and for Xinference's", async () => {
    const from = await gateway();
    const { body } = await ask(from, "GET", "/v1/models");
    expect(body.data).toMatchObject([
      {
        id: "arriero-demo",
        object: "model",
        owned_by: "arriero",
        model_name: "arriero-demo",
        model_ability: ["chat", "generate"],
      },
      { id: "arriero-demo+pirate", parent: "arriero-demo", model_name: "arriero-demo+pirate", model_type: "LLM" },
      { id: "other", model_type: "LLM" },
    ]);
  });

  it("shows a model that cannot be read as one that can do nothing", async () => {
    const describeModel = async (name: string) => {
      if (name === "other") throw new ArrieroError("gguf_invalid", "no GGUF");
      return catalogue.describe(name);
    };
    const from = await gateway({ gateway: { models: { ...catalogue, describe: describeModel } } });
    const { body, status } = await ask(from, "GET", "/v1/models/other");
    expect([status, body.model_type, body.model_ability]).toEqual([200, "unknown", []]);
    expect((await ask(from, "GET", "/v1/models/arriero-demo")).body.model_type).toBe("LLM");
  });
});

it("tells a client without a key whether one is wanted, and nothing more", async () => {
  const closed = await gateway({ gateway: { requireKey: true, keys: ["k"] } });
  expect((await ask(closed, "GET", "/v1/cluster/auth")).body).toEqual({ auth: true });
  const refused = await ask(closed, "GET", "/v1/address");
  expect(refused).toEqual({ status: 401, body: { detail: expect.stringContaining("[unauthorized]") } });
  const from = await gateway();
  expect((await ask(from, "GET", "/v1/cluster/auth")).body).toEqual({ auth: false });
  expect((await ask(from, "GET", "/v1/address")).body).toBe(`127.0.0.1:${from.port}`);
});

it("makes no vectors and no scores under an adapter's name", async () => {
  const from = await gateway();
  for (const [path, body] of [
    ["/v1/embeddings", { model: "pirate", input: "a" }],
    ["/v1/rerank", { model: "pirate", query: "a", documents: ["b"] }],
  ] as const) {
    const answer = await ask(from, "POST", path, body);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining("under its adapter pirate")]);
  }
});

it("reranks", async () => {
  const from = await gateway();
  // The stand-in scores a document by its length.
  const asked = { model: "other", query: "q", documents: ["aa", { text: "aaaa" }, "a"], top_n: 2, return_documents: true };
  expect((await ask(from, "POST", "/v1/rerank", asked)).body).toMatchObject({
    model: "other",
    results: [
      { index: 1, relevance_score: 4, document: { text: "aaaa" } },
      { index: 0, relevance_score: 2, document: { text: "aa" } },
    ],
    usage: { total_tokens: 3 },
  });
  expect(await from.lastLine("/v1/rerank")).toMatchObject({ model: "other", promptTokens: 3 });
});

it("answers errors on shared routes so that either client finds them", async () => {
  const from = await gateway();
  for (const path of ["/v1/rerank", "/v1/images/generations", "/v1/chat/completions", "/v1/embeddings"]) {
    const { body } = await ask(from, "POST", path, {});
    expect(body).toMatchObject({ detail: expect.any(String), error: { code: expect.any(String) } });
  }
});
