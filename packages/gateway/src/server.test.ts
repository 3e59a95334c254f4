import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./testing/eventually.ts";
import {
  chat,
  readAnswer,
  readSse,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "./testing/test-gateway.ts";

const open: TestGateway[] = [];

async function gateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const started = await startTestGateway(options);
  open.push(started);
  return started;
}

afterEach(async () => {
  const gateways = open.splice(0);
  await Promise.all(gateways.map((each) => each.close()));
});

/** Sends bytes as they are and gives what comes back until the connection ends. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("bodies", () => {
  let from: TestGateway;
  beforeAll(async () => {
    from = await startTestGateway({ gateway: { limits: { bodyBytes: 2_000, requestMs: 300, headersMs: 300 } } });
  });
  afterAll(() => from.close());

  const refusal = async (init: RequestInit): Promise<[number, string]> => {
    const response = await fetch(`${from.url}/v1/chat/completions`, { method: "POST", ...init });
    return [response.status, (await readAnswer(response)).error.code];
  };
  const json = { "content-type": "application/json" };

  it.each(["", "{", "nonsense", '{"a":1}}', "\u0000"])("refuses %j as JSON", async (body) => {
    expect(await refusal({ headers: json, body })).toEqual([400, "invalid_json"]);
  });

  it("refuses bytes that are not UTF-8, and JSON that is no object", async () => {
    expect(await refusal({ headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) })).toEqual([400, "invalid_json"]);
    for (const body of ["[]", "null", "1", '"text"'])
      expect(await refusal({ headers: json, body })).toEqual([400, "invalid_json"]);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "text/json"])(
    "refuses Content-Type %s",
    async (type) => {
      expect(await refusal({ headers: { "content-type": type }, body: "{}" })).toEqual([415, "unsupported_media_type"]);
    },
  );

  it("refuses encoded bodies, and takes other spellings of JSON", async () => {
    expect(await refusal({ headers: { ...json, "content-encoding": "gzip" }, body: "{}" })).toEqual([
      415,
      "unsupported_media_type",
    ]);
    expect(await refusal({ headers: { "content-type": "Application/JSON; charset=utf-8" }, body: "{}" })).toEqual([
      400,
      "invalid_request",
    ]);
  });

  it("refuses a large body, announced or not, and the caller comes to read why", async () => {
    const large = "x".repeat(500_000);
    expect(await refusal({ headers: json, body: large })).toEqual([413, "body_too_large"]);
    const status = await new Promise((resolve, reject) => {
      const headers = { ...json, "transfer-encoding": "chunked" };
      const sent = httpRequest(`${from.url}/v1/chat/completions`, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      sent.end(large);
    });
    expect(status).toBe(413);
  });

  it("answers 408 to a body that comes too slowly", async () => {
    const head =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    const answer = await raw(from.port, head);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  });

  it("answers 408 to headers that come too slowly, and 400 to what is not HTTP", async () => {
    const slow = await raw(from.port, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect(slow).toMatch(/^HTTP\/1\.1 408 /);
    const wrong = await raw(from.port, "this is not http\r\n\r\n");
    expect(wrong).toMatch(/^HTTP\/1\.1 400 /);
    expect(wrong).toContain('"code":"invalid_request"');
    const headers = await raw(from.port, `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(headers).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("names the field at fault", async () => {
    const response = await from.post("/v1/chat/completions", {
      model: "arriero-demo",
      messages: [{ role: "nobody", content: "" }],
    });
    expect(response.status).toBe(400);
    expect((await readAnswer(response)).error).toMatchObject({ code: "invalid_request", param: "messages[0].role" });
  });
});

describe("methods, paths and headers", () => {
  let from: TestGateway;
  beforeAll(async () => {
    from = await startTestGateway();
  });
  afterAll(() => from.close());

  it("answers HEAD like GET without a body, OPTIONS with Allow, and 405 elsewhere", async () => {
    const head = await fetch(`${from.url}/v1/models`, { method: "HEAD" });
    const get = await fetch(`${from.url}/v1/models`);
    expect([head.status, head.headers.get("content-length")]).toEqual([200, get.headers.get("content-length")]);
    expect(await head.text()).toBe("");
    const options = await fetch(`${from.url}/v1/models`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
    const wrong = await fetch(`${from.url}/v1/chat/completions`);
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    expect((await readAnswer(wrong)).error.code).toBe("method_not_allowed");
  });

  it("answers 404 in JSON and sends no CORS headers", async () => {
    const response = await fetch(`${from.url}/v1/unknown?x=1`, { headers: { origin: "http://localhost:3000" } });
    expect(response.status).toBe(404);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect((await readAnswer(response)).error.code).toBe("not_found");
  });

  it("gives every answer an X-Request-Id, the caller's own when it is usable", async () => {
    const given = await fetch(`${from.url}/health`, { headers: { "x-request-id": "trace-7" } });
    expect(given.headers.get("x-request-id")).toBe("trace-7");
    const unusable = await fetch(`${from.url}/nowhere`, { headers: { "x-request-id": "a b" } });
    expect(unusable.headers.get("x-request-id")).toMatch(/^[0-9a-f]{24}$/);
  });

  it("says what it is, and that it is alive and ready", async () => {
    expect(await (await fetch(from.url)).text()).toMatch(/^Arriero 0\.0\.0 /);
    expect((await fetch(`${from.url}/health`)).status).toBe(200);
    expect(await (await fetch(`${from.url}/ready`)).json()).toEqual({ status: "ready", replicas: { ready: 0, total: 0 } });
  });
});

describe("models", () => {
  it("lists models with their adapters and finds one by name", async () => {
    const from = await gateway();
    const list = (await (await fetch(`${from.url}/v1/models`)).json()) as { data: { id: string; parent: string | null }[] };
    expect(list.data.map((model) => model.id)).toEqual(["arriero-demo", "arriero-demo+pirate", "other"]);
    const one = await (await fetch(`${from.url}/v1/models/${encodeURIComponent("arriero-demo+pirate")}`)).json();
    expect(one).toMatchObject({ id: "arriero-demo+pirate", parent: "arriero-demo" });
    expect((await fetch(`${from.url}/v1/models/nobody`)).status).toBe(404);
  });

  it("serves adapters, and says what exists when a name is wrong", async () => {
    const from = await gateway();
    const answer = await readAnswer(from.post("/v1/chat/completions", { ...chat("hello"), model: "arriero-demo+pirate" }));
    expect(answer.choices[0]!.message.content).toMatch(/^pirate:w/);
    const unknown = await from.post("/v1/chat/completions", { ...chat("hello"), model: "gpt-9" });
    expect(unknown.status).toBe(404);
    expect((await readAnswer(unknown)).error).toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("There are: arriero-demo, other."),
    });
    const adapter = await from.post("/v1/completions", { model: "arriero-demo+nobody", prompt: "x" });
    expect(adapter.status).toBe(404);
    expect((await readAnswer(adapter)).error).toMatchObject({
      code: "adapter_not_found",
      message: expect.stringContaining("It has: pirate."),
    });
  });

  it("loads a model that is known but not loaded, lists its replica and unloads it", async () => {
    const from = await gateway();
    expect((await from.post("/v1/chat/completions", { ...chat("hello"), model: "other" })).status).toBe(200);
    const [replica] = await from.status();
    expect(replica).toMatchObject({ id: "other-0", modelName: "other", state: "ready", restarts: 0, version: "fake" });
    const unloaded = await from.post("/arriero/v1/models/unload", { model: "other" });
    expect(await unloaded.json()).toEqual({ model: "other", unloaded: true });
    expect(await from.status()).toEqual([]);
    expect((await from.post("/arriero/v1/models/unload", { model: "nobody" })).status).toBe(404);
    expect((await from.post("/arriero/v1/models/unload", {})).status).toBe(400);
  });
});

describe("bounds", () => {
  it("refuses requests beyond the limit with queue_full, and serves again when one has ended", async () => {
    const from = await gateway({ gateway: { limits: { requests: 2 } } });
    const replica = await from.ready();
    const controllers = [new AbortController(), new AbortController()];
    const running = controllers.map(({ signal }) =>
      from.post("/v1/chat/completions", chat("delay:20", { max_tokens: 500 }), { signal }),
    );
    const left = Promise.all(running.map((each) => expect(each).rejects.toThrow()));
    await eventually("both run", () => replica.outstanding === 2);
    const refused = await from.post("/v1/chat/completions", chat("one more"));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await fetch(`${from.url}/health`)).status).toBe(200);
    for (const controller of controllers) controller.abort();
    await left;
    await eventually("there is room", async () => (await from.post("/v1/chat/completions", chat("again"))).status === 200);
  });

  it("says port_in_use", async () => {
    const from = await gateway();
    await expect(startTestGateway({ gateway: { port: from.port } })).rejects.toMatchObject({ code: "port_in_use" });
  });
});

describe("metrics and log", () => {
  it("counts requests and tokens, and logs one line a request without its text", async () => {
    const from = await gateway();
    const secret = "wqzx-prompt";
    await from.post("/v1/chat/completions", chat(secret, { max_tokens: 5 }), { headers: { "x-request-id": "t-1" } });
    await from.post("/v1/chat/completions", { model: secret, messages: secret });
    await from.post("/v1/chat/completions", null, { body: `{"${secret}` });
    const line = await eventually("the line", () => from.logged.find((each) => each.requestId === "t-1"));
    expect(line).toMatchObject({
      route: "/v1/chat/completions",
      method: "POST",
      status: 200,
      model: "arriero-demo",
      client: "local",
      completionTokens: 5,
      continuations: 0,
    });
    expect(line.generationId).toMatch(/^t-1-[0-9a-f]{8}$/);
    expect(JSON.stringify(from.logged)).not.toContain(secret);
    const metrics = await (await fetch(`${from.url}/metrics`)).text();
    expect(metrics).toContain('arriero_requests_total{route="/v1/chat/completions",status="200"} 1');
    expect(metrics).toContain('arriero_requests_total{route="/v1/chat/completions",status="400"} 2');
    expect(metrics).toContain('arriero_tokens_total{model="arriero-demo",kind="completion"} 5');
    expect(metrics).toContain('arriero_time_to_first_token_seconds_count{model="arriero-demo"} 1');
    expect(metrics).toContain('arriero_replicas{model="arriero-demo",state="ready"} 1');
    expect(metrics).toContain('arriero_replica_restarts{model="arriero-demo"} 0');
    expect(metrics).toContain("arriero_requests_in_flight 1");
    expect(metrics).not.toContain(secret);
  });
});

describe("close", () => {
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it("lets a running answer finish, refuses new ones, and leaves no process or socket", async () => {
    const from = await startTestGateway();
    const replica = await from.ready();
    const response = await from.post("/v1/chat/completions", chat("delay:10 finish me", { stream: true }));
    const text = response.text();
    const closing = from.server.close();
    expect(readSse(await text)).toMatchObject({ done: true, error: null });
    await closing;
    await expect(fetch(`${from.url}/health`)).rejects.toThrow();
    expect(replica.outstanding).toBe(0);
    const pids = await from.close();
    expect(pids).toHaveLength(1);
    expect(pids.filter(isAlive)).toEqual([]);
    const listening = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;
    await eventually("no server is left", () => listening() === 0);
  });

  it("ends what does not finish in time with an error frame", async () => {
    const from = await gateway({ gateway: { limits: { drainMs: 100 } } });
    await from.ready();
    const response = await from.post("/v1/chat/completions", chat("delay:20", { stream: true, max_tokens: 5_000 }));
    const text = response.text();
    await from.server.close();
    expect(readSse(await text)).toMatchObject({ done: false, error: { code: "draining" } });
  });

  it("does not wait for a connection that has said nothing", async () => {
    const from = await gateway({ gateway: { limits: { headersMs: 600_000, drainMs: 600_000 } } });
    const silent = connect(Number(new URL(from.url).port), "127.0.0.1");
    const left = once(silent, "close");
    await once(silent, "connect");
    // Answered on another connection: the silent one has been accepted by then.
    await (await fetch(`${from.url}/health`)).text();
    await from.server.close();
    await left;
  });

  it("answers requests on kept connections with draining", async () => {
    const from = await gateway();
    await from.ready();
    const socket = connect(from.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    const post = (prompt: string): string => {
      const body = JSON.stringify(chat(prompt, { max_tokens: 20 }));
      return `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    };
    socket.write(post("delay:10 first"));
    await eventually("it runs", () => from.fleet.list()[0]!.outstanding === 1);
    const closing = from.server.close();
    socket.write(post("second"));
    await closing;
    await eventually("the connection ended", () => socket.readableEnded || socket.destroyed);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 503"]);
    expect(answer).toContain('"code":"draining"');
    socket.destroy();
  });
});
