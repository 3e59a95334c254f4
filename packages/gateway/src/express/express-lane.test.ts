import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BackendEntry, ModelEntry } from "@arriero/spec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { eventually } from "../testing/eventually.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

/** Answers until a backend's are known to be short, those that are counted together included. */
const ENOUGH = 96;
const WORDS = "¡Llamas carry it! 🦙";
const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, prompt_tokens_details: { cached_tokens: 2 } };

type Act = (response: ServerResponse) => void;

const json = (status: number, body: unknown): Act => {
  return (response) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};
const whole = json(200, {
  choices: [{ index: 0, message: { role: "assistant", content: WORDS }, finish_reason: "stop" }],
  usage: USAGE,
});
const streamed: Act = (response) => {
  const frames = [
    { choices: [{ index: 0, delta: { content: WORDS } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    { choices: [], usage: USAGE },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(`${frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("")}data: [DONE]\n\n`);
};

/** A server of OpenAI's dialect that does with whole answers what the test wants, and streams as it should. */
class Backend {
  readonly asked: Record<string, unknown>[] = [];
  act: Act = whole;
  closed = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      response.on("close", () => {
        if (!response.writableFinished) this.closed++;
      });
      request.on("end", () => {
        const body = JSON.parse(text) as Record<string, unknown>;
        this.asked.push(body);
        if (body["stream"] === true) streamed(response);
        else this.act(response);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

let backends: readonly [Backend, Backend];
let store: FakeStore;
let gateway: TestGateway;

const PATH = "/v1/chat/completions";
const chat = (more: object = {}) => ({ model: "m", messages: [{ role: "user", content: "What is it?" }], seed: 5, ...more });

function ask(body: object, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> {
  return gateway.post(PATH, body, { headers: { authorization: `Bearer ${store.addKey("a", LIMITED)}`, ...headers }, ...init });
}
const LIMITED = { requestsPerMinute: 1_000, tokensPerMinute: 1_000_000, models: ["m"] };
/** The same request, which the short way leaves alone. */
const usual = (body: object) => ask({ ...body, user: "somebody" });

const requests = () => gateway.logged.filter((line) => line["msg"] === "request");
const wholes = () => backends.flatMap(({ asked }) => asked).filter(({ stream }) => stream === false).length;

beforeEach(async () => {
  backends = [new Backend(), new Backend()];
  store = new FakeStore();
  const entries = await Promise.all(
    backends.map(async (backend, index) =>
      BackendEntry.parse({
        id: `b${index}`,
        kind: "openai",
        url: await backend.listen(),
        regions: ["eu-1"],
        boundary: "contractual",
      }),
    ),
  );
  const far = BackendEntry.parse({
    id: "far",
    kind: "openai",
    url: "http://127.0.0.1:9/v1",
    regions: ["us-1"],
    boundary: "contractual",
  });
  const models = [describeModel("m", ModelEntry.parse({ backends: [...entries, far] }), [])];
  const residency = { ...NO_RESIDENCY, allowedRegions: ["eu-*"] };
  const prices = [{ model: "m", prompt: 2, cached: 1, completion: 3 }];
  gateway = await startTestGateway({
    gateway: {
      routing: { models, residency, ownRegions: [] },
      requireKey: true,
      openStore: async () => store,
      prices,
      limits: { drainMs: 200 },
    },
  });
  for (let index = 0; index < 2 * ENOUGH; index++) await (await usual(chat())).text();
  for (const backend of backends) backend.asked.length = 0;
  gateway.logged.length = 0;
  store.rows.length = 0;
});
afterEach(async () => {
  await gateway.close();
  for (const backend of backends) backend.close();
});

describe("the short way", () => {
  it("answers, logs, counts and bills as the usual one", async () => {
    const seen = async (asked: Promise<Response>) => {
      const response = await asked;
      const { created, id, ...body } = (await response.json()) as Record<string, unknown>;
      const lines = await eventually("its line", () => (requests().length > 0 ? requests().splice(0) : null));
      gateway.logged.length = 0;
      const row = await eventually("its row", () => store.rows.find(({ ends }) => ends.length > 0));
      store.rows.length = 0;
      expect(id).toBe(`chatcmpl-${response.headers.get("x-request-id")}`);
      expect(Number(created)).toBeGreaterThan(1e9);
      const line: Record<string, unknown> = { ...lines[0] };
      const { backend, requestId, routing, ttftMs: waited } = line;
      // What differs from request to request.
      for (const name of ["backend", "durationMs", "pid", "requestId", "routing", "time", "ttftMs"]) delete line[name];
      expect({ requestId, waited: typeof waited }).toEqual({ requestId: response.headers.get("x-request-id"), waited: "number" });
      const decisions = (routing as { picked: string }[]).map(({ picked: _, ...rest }) => rest);
      const { endedAt: _____, ttftMs: ____, queueMs, backend: billed, ...end } = { ...row.progress.at(-1), ...row.ends[0]! };
      expect({ picked: (routing as { picked: string }[])[0]!.picked, billed, queueMs }).toEqual({
        picked: backend,
        billed: backend,
        queueMs: 0,
      });
      return { body, line, decisions, end, model: row.model, key: row.keyId, names: [...response.headers.keys()].sort() };
    };
    const before = wholes();
    const short = await seen(ask(chat()));
    expect(wholes()).toBe(before + 1);
    const long = await seen(usual(chat()));
    expect(short).toEqual(long);
    expect(short.body).toMatchObject({
      choices: [{ message: { content: WORDS }, finish_reason: "stop" }],
      usage: { completion_tokens: 5 },
    });
    expect(short.end).toMatchObject({ status: "completed", costMicros: 5 * 2 + 2 + 5 * 3, attempts: 1, continuations: 0 });
    expect(short.line).toMatchObject({
      status: 200,
      model: "m",
      promptTokens: 7,
      cachedTokens: 2,
      completionTokens: 5,
      client: "key_a",
    });
    expect(short.decisions).toMatchObject([{ allowed: ["b0", "b1"], refused: [{ id: "far" }] }]);
  });

  it("asks the backend for what the usual one would", async () => {
    const body = chat({ temperature: 0.2, max_tokens: 9 });
    await ask(body);
    await usual(body);
    const [short, long] = backends.flatMap(({ asked }) => asked).map(({ seed, ...rest }) => ({ ...rest, hasSeed: seed === 5 }));
    expect(short).toEqual(long);
    expect(short).toMatchObject({ hasSeed: true, stream: false, model: "m", temperature: 0.2, max_tokens: 9 });
  });

  it.each<[string, Act]>([
    ["500", json(500, { error: { message: "no" } })],
    ["429", json(429, { error: { message: "no" } })],
    ["a cut", (response) => void response.destroy()],
    ["half an answer", (response) => void response.writeHead(200, { "content-type": "application/json" }).end('{"choices":[')],
    ["another type", (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>")],
    ["no choice", json(200, { choices: [] })],
    ["an error with 200", json(200, { error: { message: "out of memory" } })],
  ])("is gone on with where a backend answers with %s: the answer is whole, billed once", async (_, act) => {
    for (const backend of backends) backend.act = act;
    const response = await ask(chat());
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: WORDS } }] });
    const row = await eventually("its row", () => store.rows.find(({ ends }) => ends.length > 0));
    expect(row.ends).toMatchObject([{ status: "completed", attempts: 2, continuations: 1, completionTokens: 5 }]);
    expect(store.rows).toHaveLength(1);
    await eventually("its line", () => requests().length === 1);
    expect(requests()).toMatchObject([{ status: 200, attempts: 2 }]);
  });

  it("gives the caller what speaks of the request, without asking again", async () => {
    for (const backend of backends) backend.act = json(400, { error: { message: "too odd" } });
    const response = await ask(chat());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "invalid_request", message: expect.stringContaining("too odd") },
    });
    expect(backends.flatMap(({ asked }) => asked)).toHaveLength(1);
    await eventually("its line", () => requests().length === 1);
    expect(requests()).toMatchObject([{ status: 400, error: "invalid_request" }]);
    const row = await eventually("its row", () => store.rows.find(({ ends }) => ends.length > 0));
    expect(row.ends).toMatchObject([{ status: "failed", errorCode: "invalid_request", attempts: 1 }]);
  });

  it("lets go of the backend when the caller leaves, and says so", async () => {
    for (const backend of backends) backend.act = () => undefined;
    const leaving = new AbortController();
    const asked = ask(chat(), {}, { signal: leaving.signal }).catch(() => "left");
    await eventually("it is asked", () => wholes() === 1);
    leaving.abort();
    expect(await asked).toBe("left");
    await eventually("it is let go", () => backends.some(({ closed }) => closed === 1));
    const line = await eventually("its line", () => requests()[0]);
    expect(line).toMatchObject({ status: 499, error: "cancelled" });
    expect(await eventually("its row", () => store.rows.find(({ ends }) => ends.length > 0))).toMatchObject({
      ends: [{ status: "cancelled" }],
    });
  });

  it("ends what does not finish before the server stops, and says why", async () => {
    for (const backend of backends) backend.act = () => undefined;
    const asked = ask(chat());
    await eventually("it is asked", () => wholes() === 1);
    const closed = gateway.server.close();
    const response = await asked;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "draining" } });
    await closed;
    expect(backends.some(({ closed: lost }) => lost === 1)).toBe(true);
    expect(store.rows).toMatchObject([{ ends: [{ status: "failed", errorCode: "draining" }] }]);
  });

  it("leaves refusals to the usual way: limits, scope, keys that end, bodies that are wrong", async () => {
    const refused = async (key: string, body: object) => {
      const response = await gateway.post(PATH, body, { headers: { authorization: `Bearer ${key}` } });
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
    };
    const slow = store.addKey("b", { requestsPerMinute: 1 });
    expect((await gateway.post(PATH, chat(), { headers: { authorization: `Bearer ${slow}` } })).status).toBe(200);
    expect(await refused(slow, chat())).toEqual([429, "rate_limited"]);
    expect(await refused(store.addKey("c", { models: ["other"] }), chat())).toEqual([404, "model_not_found"]);
    expect(await refused(store.addKey("d", { revokedAt: 1 }), chat())).toEqual([401, "key_revoked"]);
    expect(await refused(store.addKey("e", { allowedRegions: ["us-*"] }), chat())).toEqual([403, "forbidden"]);
    expect(await refused(store.addKey("a", LIMITED), chat({ temperature: 9 }))).toEqual([400, "invalid_request"]);
    expect(await refused("ak_nobody", chat())).toEqual([401, "unauthorized"]);
    await eventually("no row is open", () => store.rows.every(({ ends }) => ends.length === 1));
  });
});
