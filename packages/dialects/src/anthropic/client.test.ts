import Anthropic from "@anthropic-ai/sdk";
import { ArrieroError, type GenerationEvent, type GenerationInput, type GenerationRequest } from "@arriero/spec";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finish, START, text, USAGE } from "../testing/scripted-events.ts";
import type { ScriptedServer } from "../testing/scripted-http.ts";
import { startScriptedAnthropic } from "./testing/scripted-server.ts";

/** The npm client against parse and format: what it reads must be what the events say. */

const HI = { model: "m", max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };
const WEATHER: Anthropic.Tool = {
  name: "weather",
  description: "The weather now",
  input_schema: { type: "object", properties: { city: { type: "string" } } },
};

let script: (request: GenerationRequest) => readonly GenerationEvent[] = () => [];
const generated: GenerationRequest[] = [];
const counted: GenerationInput[] = [];
let server: ScriptedServer;
let client: Anthropic;

beforeAll(async () => {
  server = await startScriptedAnthropic({
    generate(request) {
      generated.push(request);
      return script(request);
    },
    count(input) {
      counted.push(input);
      return 17;
    },
  });
  client = new Anthropic({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
});
afterEach(() => {
  generated.length = 0;
  counted.length = 0;
});
afterAll(() => server.close());

const reasoning = (words: string): GenerationEvent => ({ type: "reasoning", choice: 0, tokens: [1], text: words });

function call(index: number, args: string, name?: string): GenerationEvent {
  const opening = name === undefined ? {} : { id: `call_${index}`, name };
  return { type: "tool-call", choice: 0, tokens: [1], index, arguments: args, ...opening };
}

/** The message, whole, and as the client's helper puts it together from a stream. */
async function bothWays(body: Anthropic.MessageCreateParamsNonStreaming): Promise<Anthropic.Message> {
  const whole = await client.messages.create(body);
  const streamed = await client.messages.stream(body).finalMessage();
  // The helper adds a field of its own.
  expect(JSON.parse(JSON.stringify(streamed))).toEqual({ ...JSON.parse(JSON.stringify(whole)), parsed_output: null });
  return whole;
}

test("text, its usage and its request id", async () => {
  script = () => [START, text("Hola"), text(""), text(" Ana 🦙"), finish(), USAGE];
  const answer = await bothWays(HI);
  expect(answer).toMatchObject({
    id: "msg_r1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: "Hola Ana 🦙" }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 5,
      cache_read_input_tokens: 4,
      cache_creation_input_tokens: 0,
      output_tokens: 3,
      output_tokens_details: { thinking_tokens: 1 },
    },
  });
  const { request_id } = await client.messages.create(HI).withResponse();
  expect(request_id).toBe("req-1");
});

test("the helper's events come one by one", async () => {
  script = () => [START, text("Hola"), text(" Ana"), finish(), USAGE];
  const deltas: string[] = [];
  const events: string[] = [];
  const stream = client.messages.stream(HI);
  stream.on("text", (delta) => deltas.push(delta));
  stream.on("streamEvent", ({ type }) => events.push(type));
  expect(await stream.finalText()).toBe("Hola Ana");
  expect(deltas).toEqual(["Hola", " Ana"]);
  expect(events).toEqual([
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

test("thinking stands in a block of its own, and may be left out of the answer", async () => {
  script = () => [START, reasoning("So: "), reasoning("a llama."), text("A llama."), finish(), USAGE];
  const thinking = { type: "enabled" as const, budget_tokens: 1024 };
  const answer = await bothWays({ ...HI, thinking });
  expect(answer.content).toEqual([
    { type: "thinking", thinking: "So: a llama.", signature: "unsigned" },
    { type: "text", text: "A llama." },
  ]);
  expect(generated[0]?.input).toMatchObject({ reasoning: true });
  const silent = await bothWays({ ...HI, thinking: { ...thinking, display: "omitted" } });
  expect(silent.content[0]).toEqual({ type: "thinking", thinking: "", signature: "unsigned" });
  // And what it answered can be sent back.
  script = () => [START, text("Yes."), finish(), USAGE];
  await client.messages.create({
    ...HI,
    messages: [...HI.messages, { role: "assistant", content: answer.content }, { role: "user", content: "Sure?" }],
    thinking: { type: "disabled" },
  });
  expect(generated.at(-1)?.input).toMatchObject({
    reasoning: false,
    messages: [{}, { role: "assistant", content: "A llama.", reasoning: "So: a llama." }, { content: "Sure?" }],
  });
});

test("calls of tools, several in one answer", async () => {
  script = () => [
    START,
    text("Let me see."),
    call(0, "", "weather"),
    call(0, '{"city":'),
    call(0, '"Puno"}'),
    call(1, '{"city":"Lima"}', "weather"),
    finish("tool-calls"),
    USAGE,
  ];
  const answer = await bothWays({ ...HI, tools: [WEATHER], tool_choice: { type: "any" } });
  expect(answer.stop_reason).toBe("tool_use");
  expect(answer.content).toEqual([
    { type: "text", text: "Let me see." },
    { type: "tool_use", id: "call_0", name: "weather", input: { city: "Puno" } },
    { type: "tool_use", id: "call_1", name: "weather", input: { city: "Lima" } },
  ]);
  expect(generated[0]?.input).toMatchObject({
    tools: [{ name: "weather", description: "The weather now", parameters: WEATHER.input_schema }],
    toolChoice: { kind: "required" },
    parallelToolCalls: true,
  });
});

test("the client's tool loop: call, result, second turn, once it knows that no thread is kept", async () => {
  script = ({ input }) =>
    input.kind === "chat" && input.messages.some(({ role }) => role === "tool")
      ? [START, text("4 C in Puno."), finish(), USAGE]
      : [START, call(0, '{"city":"Puno"}', "weather"), finish("tool-calls"), USAGE];
  const asked: unknown[] = [];
  const final = await client.beta.messages.toolRunner({
    ...HI,
    tools: [
      {
        ...WEATHER,
        type: "custom",
        parse: (input: unknown) => input,
        run: (input: unknown) => {
          asked.push(input);
          return "4 C";
        },
      },
    ],
  });
  expect(final.content).toMatchObject([{ type: "text", text: "4 C in Puno." }]);
  expect(asked).toEqual([{ city: "Puno" }]);
  expect(generated[1]?.input).toMatchObject({
    messages: [
      { role: "user" },
      { role: "assistant", toolCalls: [{ id: "call_0", name: "weather", arguments: '{"city":"Puno"}' }] },
      { role: "tool", toolCallId: "call_0", content: "4 C" },
    ],
  });
});

test("structured output", async () => {
  script = () => [START, text('{"city":"Puno"}'), finish(), USAGE];
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
  await client.messages.create({ ...HI, output_config: { format: { type: "json_schema", schema } } });
  expect(generated[0]?.format).toEqual({ kind: "json-schema", schema });
});

describe("why it ended", () => {
  const ended = (reason: "stop" | "length" | "cancelled", stopSequence: string | null = null): GenerationEvent[] => [
    START,
    text("x"),
    { type: "finish", choice: 0, tokens: [], reason, stopSequence },
    USAGE,
  ];

  test.each([
    ["a stop sequence of the caller", 100, ended("stop", "END"), "stop_sequence", "END"],
    ["a stop sequence of the model", 100, ended("stop", "<|eot|>"), "end_turn", null],
    ["max_tokens", 3, ended("length"), "max_tokens", null],
    ["a full context", 100, ended("length"), "model_context_window_exceeded", null],
    ["cut short by the server", 100, ended("cancelled"), "max_tokens", null],
  ] as const)("%s", async (_why, max_tokens, events, stop_reason, stop_sequence) => {
    script = () => events;
    expect(await bothWays({ ...HI, max_tokens, stop_sequences: ["END"] })).toMatchObject({ stop_reason, stop_sequence });
  });
});

test("arguments that were cut short are an empty input", async () => {
  script = () => [START, call(0, '{"city":"Pu', "weather"), finish("length"), { ...USAGE, completionTokens: 100 }];
  const answer = await client.messages.create({ ...HI, tools: [WEATHER] });
  expect(answer).toMatchObject({ stop_reason: "max_tokens", content: [{ type: "tool_use", name: "weather", input: {} }] });
});

test("tokens are counted without generating", async () => {
  const { messages, model } = HI;
  expect(await client.messages.countTokens({ messages, model, system: "Be brief.", tools: [WEATHER] })).toEqual({
    input_tokens: 17,
  });
  expect(counted).toMatchObject([{ messages: [{ role: "system" }, { role: "user" }], tools: [{ name: "weather" }] }]);
  expect(generated).toEqual([]);
});

test("models", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 1 })) ids.push(model.id);
  expect(ids).toEqual(["m", "m+pirate"]);
  expect(await client.models.retrieve("m+pirate")).toMatchObject({
    type: "model",
    display_name: "m+pirate",
    created_at: "2025-06-15T15:06:40.000Z",
  });
  await expect(client.models.retrieve("nope")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
});

describe("errors are the client's own classes", () => {
  test("a wrong field", async () => {
    const error = await client.messages.create({ ...HI, max_tokens: 0 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error", errorCode: "invalid_request", requestID: "req-1" });
    expect(error.error).toMatchObject({ type: "error", error: { details: { param: "max_tokens" } }, request_id: "req-1" });
    expect(error.message).toContain("but is 0");
  });

  test.each([
    ["unauthorized", Anthropic.AuthenticationError, "authentication_error"],
    ["forbidden", Anthropic.PermissionDeniedError, "permission_error"],
    ["model_not_found", Anthropic.NotFoundError, "not_found_error"],
    ["conflict", Anthropic.ConflictError, "conflict_error"],
    ["body_too_large", Anthropic.APIError, "request_too_large"],
    ["request_timeout", Anthropic.APIError, "timeout_error"],
    ["queue_full", Anthropic.RateLimitError, "rate_limit_error"],
    ["internal", Anthropic.InternalServerError, "api_error"],
    ["replica_unavailable", Anthropic.InternalServerError, "overloaded_error"],
    ["upstream_timeout", Anthropic.InternalServerError, "timeout_error"],
  ] as const)("%s", async (code, expected, type) => {
    const fault = new ArrieroError(code, "Said.", { retryAfter: 3 });
    script = () => [{ type: "error", error: fault.body }];
    for (const stream of [false, true]) {
      const error = await client.messages.create({ ...HI, stream }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ status: fault.status, type, errorCode: code });
      expect((error as InstanceType<typeof Anthropic.APIError>).headers?.get("retry-after")).toBe("3");
    }
  });

  test("an unknown fault says nothing of its cause", async () => {
    script = () => {
      throw new TypeError("secret of the inside");
    };
    const error = await client.messages.create(HI).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(JSON.stringify(error.error)).not.toContain("secret");
  });

  test.each([
    ["an error", [START, text("half an"), { type: "error", error: new ArrieroError("replica_failed", "Gone.").body }]],
    ["the end of its events", [START, text("half an")]],
    ["the end of its choice missing", [START, text("half an"), USAGE]],
  ] as const)("in the middle of a stream: %s", async (_what, events) => {
    script = () => [...events];
    const stream = client.messages.stream(HI);
    let said = "";
    stream.on("text", (delta) => {
      said += delta;
    });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: "api_error", errorCode: "replica_failed" });
    expect(said).toBe("half an");
    await expect(client.messages.create(HI)).rejects.toMatchObject({ status: 502, errorCode: "replica_failed" });
  });
});
