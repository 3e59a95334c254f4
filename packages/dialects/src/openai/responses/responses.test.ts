import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CONTEXT, finish, gather, START, scripted, settled, text, USAGE } from "../../testing/scripted-events.ts";
import type { ScriptedServer } from "../../testing/scripted-http.ts";
import { fixture } from "../testing/fixture.ts";
import { startScriptedOpenAI } from "../testing/scripted-server.ts";
import { collectResponse, streamResponse } from "./format.ts";
import { parseResponse } from "./parse.ts";

const WEATHER = {
  type: "function" as const,
  name: "weather",
  strict: true,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};
const CALL: readonly GenerationEvent[] = [
  START,
  { type: "tool-call", choice: 0, tokens: [1], index: 0, id: "call_a", name: "weather", arguments: "" },
  { type: "tool-call", choice: 0, tokens: [2], index: 0, arguments: '{"city":' },
  { type: "tool-call", choice: 0, tokens: [3], index: 0, arguments: '"Puno"}' },
  finish("tool-calls"),
  USAGE,
];

function parse(extra: Record<string, unknown> = {}) {
  return parseResponse({ model: "m", input: "hi", ...extra }, CONTEXT);
}

async function streamed(events: readonly GenerationEvent[]): Promise<Record<string, unknown>[]> {
  const frames = await gather(streamResponse(scripted(events), parse().presentation));
  return frames.map((frame) => {
    const [name, data] = frame.split("\n");
    const event = JSON.parse(data!.slice("data: ".length));
    expect(name).toBe(`event: ${event.type}`);
    return event;
  });
}

describe("parse", () => {
  test("what is repeated in the answer can be written", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level++) deep = [deep];
    for (const extra of [
      { tools: [{ ...WEATHER, more: deep }] },
      { tools: [WEATHER], tool_choice: { type: "function", name: "weather", more: deep } },
    ]) {
      const param = Object.keys(extra).at(-1);
      expect(() => parse(extra)).toThrow(
        expect.objectContaining({ code: "invalid_request", body: expect.objectContaining({ param }) }),
      );
    }
  });

  test("items become a conversation", () => {
    const { presentation, request } = parseResponse(JSON.parse(fixture("response-tools.json")).body, CONTEXT);
    expect(settled(request)).toMatchObject({
      input: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Weather in Puno?" },
          { role: "assistant", content: "", reasoning: "A tool knows.", toolCalls: [{ id: "call_a", name: "weather" }] },
          { role: "tool", content: "4 C", toolCallId: "call_a" },
        ],
        toolChoice: { kind: "tool", name: "weather" },
        reasoning: true,
      },
      format: { kind: "json-schema", name: "place", schema: { type: "object" } },
      maxTokens: 100,
    });
    expect(presentation.echo).toMatchObject({ store: false, temperature: 0, instructions: "Be brief." });
  });

  test.each([
    [{ previous_response_id: "resp_1" }, "unsupported", "previous_response_id"],
    [{ conversation: "c" }, "unsupported", "conversation"],
    [{ prompt: { id: "p" } }, "unsupported", "prompt"],
    [{ background: true }, "unsupported", "background"],
    [{ truncation: "auto" }, "unsupported", "truncation"],
    [{ top_logprobs: 2 }, "unsupported", "top_logprobs"],
    [{ include: ["message.output_text.logprobs"] }, "unsupported", "include[0]"],
    [{ tools: [{ type: "web_search" }] }, "unsupported", "tools[0].type"],
    [{ input: [{ type: "item_reference", id: "x" }] }, "unsupported", "input[0]"],
    [{ input: [{ role: "user", content: [{ type: "input_image" }] }] }, "unsupported", "input[0].content[0]"],
    [{ input: [] }, "invalid_request", "input"],
    [{ input: [{ role: "nobody", content: "" }] }, "invalid_request", "input[0].role"],
    [{ input: [{ type: "function_call_output", call_id: "a" }] }, "invalid_request", "input[0].output"],
    [{ tool_choice: { type: "function", name: "nope" } }, "invalid_request", "tool_choice.name"],
    [{ text: { format: { type: "json_schema" } } }, "invalid_request", "text.format.schema"],
    [{ max_output_tokens: 0 }, "invalid_request", "max_output_tokens"],
  ])("refuses %j", (extra, code, param) => {
    expect(() => parse(extra)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });
});

describe("stream", () => {
  test("a text: its events in order, numbered from 0", async () => {
    const events = await streamed([START, text("Hola"), text(" Ana"), finish(), USAGE]);
    expect(events.map(({ type }) => String(type).slice("response.".length))).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual([...events.keys()]);
    expect(events.at(-1)?.response).toMatchObject({ status: "completed", usage: { input_tokens: 9, output_tokens: 3 } });
  });

  test("reasoning, then text, then a call: an item each", async () => {
    const thought: GenerationEvent = { type: "reasoning", choice: 0, tokens: [1], text: "Hm." };
    const events = await streamed([START, thought, text("So:"), ...CALL.slice(1)]);
    const done = events.filter(({ type }) => type === "response.output_item.done");
    expect(done).toMatchObject([
      { output_index: 0, item: { type: "reasoning", content: [{ text: "Hm." }] } },
      { output_index: 1, item: { type: "message", status: "completed" } },
      { output_index: 2, item: { type: "function_call", call_id: "call_a", arguments: '{"city":"Puno"}' } },
    ]);
  });

  test("what breaks off ends with response.failed, what fails at once is thrown", async () => {
    const events = await streamed([START, text("half an")]);
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "replica_failed" }, output: [{ status: "incomplete" }] },
    });
    const counted = [START, text("half an"), USAGE];
    expect((await streamed(counted)).at(-1)).toMatchObject({
      type: "response.failed",
      response: { error: { code: "replica_failed" } },
    });
    await expect(collectResponse(scripted(counted), parse().presentation)).rejects.toMatchObject({ code: "replica_failed" });
    const fault = new ArrieroError("queue_full", "Full.");
    await expect(streamed([{ type: "error", error: fault.body }])).rejects.toMatchObject({ code: "queue_full" });
  });

  test("the last event has what a whole answer is", async () => {
    for (const script of [[START, text("Hola"), finish("length"), USAGE], CALL, [START, finish(), USAGE]]) {
      const whole = await collectResponse(scripted(script), parse().presentation);
      expect((await streamed(script)).at(-1)?.response).toEqual(JSON.parse(JSON.stringify(whole)));
    }
  });
});

describe("the npm client", () => {
  let script: (request: GenerationRequest) => readonly GenerationEvent[] = () => [];
  const generated: GenerationRequest[] = [];
  let server: ScriptedServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await startScriptedOpenAI({
      generate(request) {
        generated.push(request);
        return script(request);
      },
      embed: () => {
        throw new Error("not asked");
      },
    });
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
  });
  afterEach(() => {
    generated.length = 0;
  });
  afterAll(() => server.close());

  test("create", async () => {
    script = () => [START, text("Hola"), finish("length"), USAGE];
    const response = await client.responses.create({ model: "m", input: "hi", instructions: "Be brief." });
    expect(response.output_text).toBe("Hola");
    expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  });

  test("its accumulator reads the stream", async () => {
    script = () => [START, text("Hola"), text(" Ana"), finish(), USAGE];
    const stream = client.responses.stream({ model: "m", input: "hi" });
    let said = "";
    stream.on("response.output_text.delta", ({ delta }) => {
      said += delta;
    });
    const final = await stream.finalResponse();
    expect([said, final.output_text, final.status]).toEqual(["Hola Ana", "Hola Ana", "completed"]);
  });

  test("tools: the call is parsed, its answer goes back", async () => {
    script = ({ input }) =>
      input.kind === "chat" && input.messages.some(({ role }) => role === "tool") ? [START, text("4 C."), finish(), USAGE] : CALL;
    const first = await client.responses.stream({ model: "m", input: "hi", tools: [WEATHER] }).finalResponse();
    const call = first.output[0];
    if (call?.type !== "function_call") throw new Error("no call");
    expect(call.parsed_arguments).toEqual({ city: "Puno" });
    const { parsed_arguments: _, ...sent } = call;
    const second = await client.responses.create({
      model: "m",
      input: [{ role: "user", content: "hi" }, sent, { type: "function_call_output", call_id: call.call_id, output: "4" }],
      tools: [WEATHER],
    });
    expect(second.output_text).toBe("4 C.");
  });

  test("parse gives the object of a json_schema", async () => {
    script = () => [START, text('{"city":"Puno"}'), finish(), USAGE];
    const format = { type: "json_schema" as const, name: "place", schema: WEATHER.parameters, strict: true };
    const response = await client.responses.parse({ model: "m", input: "hi", text: { format } });
    expect(JSON.parse(response.output_text)).toEqual({ city: "Puno" });
    expect(generated[0]?.format).toEqual({ kind: "json-schema", name: "place", schema: WEATHER.parameters });
  });

  test("errors are its own classes", async () => {
    const error = await client.responses.create({ model: "m", input: "hi", previous_response_id: "r" }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "unsupported", param: "previous_response_id" });
  });
});
