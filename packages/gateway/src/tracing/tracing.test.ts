import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { BackendEntry, ModelEntry } from "@arriero/spec";
import { afterEach, expect, it } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { chat, readSse, startTestGateway } from "../testing/test-gateway.ts";
import type { TracingOptions } from "./tracing-options.ts";

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function receiver(answer: (response: ServerResponse) => void) {
  const received: Received[] = [];
  const server: Server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const sse = (response: ServerResponse, ...pieces: string[]) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of pieces) {
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`);
  }
};
const whole = (response: ServerResponse) => {
  sse(response, "They carry ", "loads.");
  response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`);
  const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
  response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
};

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

const INTERNAL = 1;
const attributesOf = ({ attributes }: OtlpSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const settings: TracingOptions = {
  url: "",
  headers: { "x-team": "llamas" },
  resource: { "service.name": "test" },
  share: 1,
};

/** A gateway over two backends in turns, the first of which breaks off in the middle. */
async function traced(more: Partial<TracingOptions> = {}) {
  const collector = await receiver((response) => response.end("{}"));
  const breaking = await receiver((response) => {
    sse(response, "They ");
    setImmediate(() => response.destroy());
  });
  const good = await receiver(whole);
  const backend = (id: string, url: string) =>
    BackendEntry.parse({ id, kind: "openai", url: `${url}/v1`, boundary: "documented", capabilities: ["chat", "seed"] });
  const entry = ModelEntry.parse({ policy: "round-robin", backends: [backend("one", breaking.url), backend("two", good.url)] });
  const gateway = await startTestGateway({
    gateway: {
      routing: { models: [describeModel("llama", entry, [])], residency: NO_RESIDENCY, ownRegions: [] },
      tracing: { ...settings, url: `${collector.url}/v1/traces`, ...more },
    },
  });
  let closed = false;
  const close = async () => {
    if (!closed) await gateway.close();
    closed = true;
  };
  opened.push(close);
  return { collector, breaking, good, gateway, close };
}

const ask = { ...chat("What do llamas carry, in secret?"), model: "llama", temperature: 0, stream: true };

it("tells one span a request, one a choice and one an attempt, in the caller's trace, and passes it on", async () => {
  const { breaking, close, collector, gateway, good } = await traced();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const headers = { traceparent, tracestate: "vendor=1" };
  const answer = await gateway.post("/v1/chat/completions", ask, { headers });
  expect(readSse(await answer.text())).toMatchObject({ text: "They carry loads.", done: true });
  await close();

  expect(collector.received.length).toBe(1);
  const [sent] = collector.received;
  const { resourceSpans } = JSON.parse(sent!.body) as {
    resourceSpans: [{ resource: OtlpSpan; scopeSpans: [{ spans: OtlpSpan[] }] }];
  };
  expect(sent?.headers["x-team"]).toBe("llamas");
  expect(attributesOf(resourceSpans[0].resource)).toEqual({ "service.name": "test" });
  const all = resourceSpans[0].scopeSpans[0].spans;
  const [routed, ...others] = all.filter(({ kind }) => kind === INTERNAL);
  expect([routed!, ...others].map((span) => [span.name, attributesOf(span)["arriero.backend"]])).toEqual([
    ["route llama", "one"],
    ["route llama", "two"],
  ]);
  const spans = all.filter(({ kind }) => kind !== INTERNAL);
  expect(spans.map((span) => [span.traceId, span.kind, span.name])).toEqual([
    [traceId, 3, "chat llama"],
    [traceId, 3, "chat llama"],
    [traceId, 2, "chat llama"],
  ]);
  const [first, second, request] = spans as [OtlpSpan, OtlpSpan, OtlpSpan];
  expect(request.parentSpanId).toBe("00f067aa0ba902b7");
  expect([first, second, routed!].map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(request.spanId));
  expect(attributesOf(first)).toMatchObject({ "arriero.backend": "one", "arriero.outcome": "failure", "arriero.attempt": "1" });
  expect(first.status).toEqual({ code: 2, message: "replica_failed" });
  expect(attributesOf(second)).toMatchObject({
    "arriero.backend": "two",
    "arriero.outcome": "success",
    "arriero.continuation": true,
  });
  expect(attributesOf(request)).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "llama",
    "gen_ai.usage.output_tokens": expect.stringMatching(/^\d+$/),
    "gen_ai.response.time_to_first_chunk": expect.anything(),
    "http.response.status_code": "200",
    "arriero.attempts": "2",
    "arriero.continuations": "1",
  });
  expect(request.status.code ?? 0).toBe(0);
  expect(BigInt(request.endTimeUnixNano) >= BigInt(second.endTimeUnixNano)).toBe(true);

  expect(breaking.received[0]?.headers["traceparent"]).toBe(`00-${traceId}-${first.spanId}-01`);
  expect(good.received[0]?.headers).toMatchObject({
    traceparent: `00-${traceId}-${second.spanId}-01`,
    tracestate: "vendor=1",
  });
  expect(sent!.body).not.toMatch(/secret|loads/);
});

it.each([
  ["embeddings", "/v1/embeddings", { input: "a llama" }],
  ["rerank", "/v1/rerank", { query: "a llama", documents: ["one", "two"] }],
])("tells of %s by replicas as of generations", async (operation, path, body) => {
  const { close, collector, gateway } = await traced();
  expect((await gateway.post(path, { model: "arriero-demo", ...body })).status).toBe(200);
  await close();
  const { resourceSpans } = JSON.parse(collector.received[0]!.body) as {
    resourceSpans: [{ scopeSpans: [{ spans: OtlpSpan[] }] }];
  };
  const [routed, attempt, request] = resourceSpans[0].scopeSpans[0].spans;
  expect([routed, attempt, request].map((span) => span?.name)).toEqual([
    "route arriero-demo",
    `${operation} arriero-demo`,
    `${operation} arriero-demo`,
  ]);
  expect(attributesOf(attempt!)).toMatchObject({
    "gen_ai.operation.name": operation,
    "gen_ai.usage.input_tokens": expect.stringMatching(/^[1-9]\d*$/),
    "arriero.backend": "replica",
    "arriero.outcome": "success",
  });
  expect([routed, attempt].map((span) => span?.parentSpanId)).toEqual([request?.spanId, request?.spanId]);
});

it("a trace that its caller does not sample is passed on and not told", async () => {
  const { close, collector, gateway, good } = await traced();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  await (await gateway.post("/v1/chat/completions", ask, { headers: { traceparent } })).text();
  await close();
  expect(good.received[0]?.headers["traceparent"]).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/);
  expect(collector.received).toEqual([]);
});

it("of the traces that begin here the share asked for is told, and every request passes one on", async () => {
  const { close, collector, gateway, good } = await traced({ share: 0 });
  await (await gateway.post("/v1/chat/completions", ask)).text();
  await close();
  expect(good.received[0]?.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(collector.received).toEqual([]);
});

it("a collector that takes nothing costs a warning and no answer", async () => {
  const gateway = await startTestGateway({
    gateway: { tracing: { ...settings, url: "http://127.0.0.1:9/v1/traces" } },
  });
  expect((await gateway.post("/v1/chat/completions", chat("hello"))).status).toBe(200);
  await gateway.close();
  expect(gateway.logged.map(({ msg }) => msg)).toContain("traces are lost: the collector does not take them");
});
