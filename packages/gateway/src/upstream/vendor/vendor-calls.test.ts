import type { GenerationEvent } from "@arriero/spec";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FaultyUpstream, startFaultyUpstream } from "../../testing/faulty-upstream.ts";
import { requestOf } from "../../testing/scripted-generation.ts";
import { VENDOR_CALLS } from "../../testing/vendor-calls.ts";
import { loadVendors, openVendor, TEST_SECRETS, VENDORS, type VendorUnderTest } from "../../testing/vendors-under-test.ts";
import { withTraceHeaders } from "../../tracing/outgoing-trace.ts";
import { EnginePools } from "../engine-pools.ts";

const pools = new EnginePools();
const servers: FaultyUpstream[] = [];
beforeAll(loadVendors, 120_000);
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => pools.close());

const weather = {
  name: "weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
/** A second turn: the tool was called and has answered. */
const TOLD = requestOf({
  input: {
    kind: "chat",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Is it raining in Lima?" },
      {
        role: "assistant",
        content: "",
        reasoning: "hm",
        toolCalls: [{ id: "call_0", name: "weather", arguments: '{"city":"Lima"}' }],
      },
      { role: "tool", toolCallId: "call_0", content: "dry" },
      { role: "user", content: "And tomorrow?" },
    ],
    tools: [weather],
  },
  sampling: { seed: 7, temperature: 0.5, topP: 0.9 },
  maxTokens: 64,
  stop: ["END"],
});

async function serve(under: VendorUnderTest, bytes: string): Promise<FaultyUpstream> {
  const wire = { ...under.wire, answer: () => ({ opening: bytes, content: [], closing: "" }) };
  const server = await startFaultyUpstream({ wire, pieces: [] });
  servers.push(server);
  return server;
}

async function generate(under: VendorUnderTest, server: FaultyUpstream, request = TOLD, changes = {}) {
  const events: GenerationEvent[] = [];
  const upstream = openVendor(under, pools, server.origin, 60_000, changes);
  for await (const event of upstream.generate(request, new AbortController().signal)) events.push(event);
  return events;
}

describe.each(VENDORS)("$vendor", (under) => {
  it("yields a tool's call with its arguments, and the usage", async () => {
    const events = await generate(under, await serve(under, VENDOR_CALLS[under.vendor]));
    const calls = events.filter(({ type }) => type === "tool-call");
    expect(calls[0]).toMatchObject({ index: 0, name: "weather", id: expect.any(String) });
    const text = calls.map((event) => (event.type === "tool-call" ? event.arguments : "")).join("");
    expect(JSON.parse(text)).toEqual({ city: "Lima" });
    expect(events.at(-2)).toMatchObject({ type: "finish", reason: "tool-calls" });
    expect(events.at(-1)).toMatchObject({ type: "usage", promptTokens: 20, completionTokens: 9 });
    if (under.vendor === "anthropic") {
      expect(events.filter(({ type }) => type === "reasoning")).toMatchObject([{ text: "where?" }]);
      expect(events.at(-1)).toMatchObject({ cachedTokens: 4 });
    }
  });

  it("is sent the whole conversation, the tool, the bounds and its credential", async () => {
    const server = await serve(under, VENDOR_CALLS[under.vendor]);
    await generate(under, server);
    const sent = JSON.stringify(server.requests[0]);
    for (const part of [
      "Be brief.",
      "Is it raining in Lima?",
      "call_0",
      "dry",
      "And tomorrow?",
      "The weather of a city",
      "END",
      "64",
      "0.5",
      "0.9",
    ])
      if (!(part === "call_0" && under.vendor === "google-vertex")) expect(sent).toContain(part);
    // Thoughts of other models are not shown to it.
    expect(sent).not.toContain('"hm"');
    const signed = JSON.stringify(server.asked[0]?.headers);
    expect(signed).toContain(under.vendor === "amazon-bedrock" ? "AWS4-HMAC-SHA256" : TEST_SECRETS.key);
    expect(signed).not.toContain("traceparent");
  });

  it("is told the trace that a request belongs to, outside of what is signed", async () => {
    const server = await serve(under, VENDOR_CALLS[under.vendor]);
    const trace = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "vendor=1" };
    await withTraceHeaders(trace, () => generate(under, server));
    expect(server.asked[0]?.headers).toMatchObject(trace);
    expect(server.asked[0]?.headers.authorization ?? "").not.toContain("traceparent");
  });
});

const byName = (name: string): VendorUnderTest => VENDORS.find(({ vendor }) => vendor === name)!;

describe("fine-tuned models", () => {
  const arn = "arn:aws:bedrock:eu-central-1:123456789012:provisioned-model/abc";
  it.each([
    ["openai", "ft:gpt-4o-mini:org::abc", "/v1/chat/completions"],
    ["azure", "my-deployment", "/openai/chat/completions"],
    ["mistral", "ft:ministral-3b:abc", "/v1/chat/completions"],
    ["amazon-bedrock", arn, `/model/${encodeURIComponent(arn)}/converse-stream`],
  ])("of %s are asked by their id", async (vendor, model, path) => {
    const under = byName(vendor);
    const server = await serve(under, VENDOR_CALLS[under.vendor]);
    await generate(under, server, TOLD, { place: { model, location: "eu-central-1", project: null } });
    expect(server.asked[0]?.path).toBe(path);
    if (vendor !== "amazon-bedrock") expect(server.requests[0]).toMatchObject({ model });
  });
});

describe("a JSON schema", () => {
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
  const request = requestOf({
    input: { kind: "chat", messages: [{ role: "user", content: "Where?" }] },
    format: { kind: "json-schema", name: "place", schema },
  });

  it.each(VENDORS)("is handed to $vendor", async (under) => {
    const server = await serve(under, under.wire.answer({}, ['{"city":"Lima"}']).opening);
    await generate(under, server, request).catch(() => undefined);
    expect(JSON.stringify(server.requests[0])).toContain('"city"');
  });

  it("that is missing is not silently left out where the vendor needs one", async () => {
    const under = byName("anthropic");
    const server = await serve(under, VENDOR_CALLS.anthropic);
    await expect(generate(under, server, { ...request, format: { kind: "json" } })).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});
