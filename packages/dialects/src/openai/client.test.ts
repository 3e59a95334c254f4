import { ArrieroError, type EmbeddingRequest, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finish, logprob, START, text, USAGE } from "../testing/scripted-events.ts";
import type { ScriptedServer } from "../testing/scripted-http.ts";
import { startScriptedOpenAI } from "./testing/scripted-server.ts";

/** The npm client against parse and format: what it reads must be what the events say. */

const HI = { model: "m", messages: [{ role: "user" as const, content: "hi" }] };
const WEATHER = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "The weather now",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};

let script: (request: GenerationRequest) => readonly GenerationEvent[] = () => [];
const generated: GenerationRequest[] = [];
const embedded: EmbeddingRequest[] = [];
let server: ScriptedServer;
let client: OpenAI;

beforeAll(async () => {
  server = await startScriptedOpenAI({
    generate(request) {
      generated.push(request);
      return script(request);
    },
    embed(request) {
      embedded.push(request);
      return { model: "m", vectors: request.inputs.map(() => [0.6, 0, 0.8]), promptTokens: 5 };
    },
  });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});
afterEach(() => {
  generated.length = 0;
  embedded.length = 0;
});
afterAll(() => server.close());

describe("chat", () => {
  test("whole", async () => {
    script = () => [START, text("Hola"), text(" Ana"), finish(), USAGE];
    const answer = await client.chat.completions.create({ ...HI, temperature: 0 });
    expect(answer.choices[0]?.message.content).toBe("Hola Ana");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage).toMatchObject({ total_tokens: 12, prompt_tokens_details: { cached_tokens: 4 } });
    expect(generated[0]?.sampling.temperature).toBe(0);
  });

  test("stream with usage", async () => {
    script = () => [START, text("Hola"), text(" 🦙"), finish("length"), USAGE];
    let said = "";
    const finished: (string | null)[] = [];
    const usages: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({
      ...HI,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      said += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) finished.push(chunk.choices[0].finish_reason);
      if (chunk.usage) usages.push(chunk.usage);
    }
    expect([said, finished]).toEqual(["Hola 🦙", ["length"]]);
    expect(usages).toMatchObject([{ completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 1 } }]);
  });

  test("the client's own accumulator reads the stream", async () => {
    script = () => [
      START,
      { type: "tool-call", choice: 0, tokens: [], index: 0, id: "call_a", name: "weather", arguments: "" },
      { type: "tool-call", choice: 0, tokens: [], index: 0, arguments: '{"city":' },
      { type: "tool-call", choice: 0, tokens: [], index: 0, arguments: '"Puno"}' },
      finish("tool-calls"),
      USAGE,
    ];
    const final = await client.chat.completions.stream({ ...HI, tools: [WEATHER] }).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls).toMatchObject([
      { id: "call_a", type: "function", function: { name: "weather", arguments: '{"city":"Puno"}' } },
    ]);
    expect(final.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test("the client's tool loop: call, answer, second turn", async () => {
    script = ({ input }) =>
      input.kind === "chat" && input.messages.some(({ role }) => role === "tool")
        ? [START, text("4 C in Puno."), finish(), USAGE]
        : [
            START,
            { type: "tool-call", choice: 0, tokens: [], index: 0, id: "call_a", name: "weather", arguments: '{"city":"Puno"}' },
            finish("tool-calls"),
            USAGE,
          ];
    const asked: string[] = [];
    const run = client.chat.completions.runTools({
      ...HI,
      tools: [{ ...WEATHER, function: { ...WEATHER.function, function: (args: string) => `${asked.push(args)} x 4 C` } }],
    });
    expect(await run.finalContent()).toBe("4 C in Puno.");
    expect(asked).toEqual(['{"city":"Puno"}']);
    expect(generated[1]?.input).toMatchObject({
      messages: [{}, { toolCalls: [{ id: "call_a" }] }, { role: "tool", toolCallId: "call_a" }],
    });
  });

  test("json_schema", async () => {
    script = () => [START, text('{"city":"Puno"}'), finish(), USAGE];
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
    const answer = await client.chat.completions.parse({
      ...HI,
      response_format: { type: "json_schema", json_schema: { name: "place", strict: true, schema } },
    });
    expect(answer.choices[0]?.message.parsed).toEqual({ city: "Puno" });
    expect(generated[0]?.format).toEqual({ kind: "json-schema", name: "place", schema });
  });

  test("logprobs", async () => {
    script = () => [START, text("a", 0, [logprob("a", "b")]), finish(), USAGE];
    const answer = await client.chat.completions.create({ ...HI, logprobs: true, top_logprobs: 2 });
    expect(answer.choices[0]?.logprobs?.content).toEqual([
      {
        token: "a",
        logprob: -0.5,
        bytes: [97],
        top_logprobs: [
          { token: "a", logprob: -0.5, bytes: [97] },
          { token: "b", logprob: -1.5, bytes: [98] },
        ],
      },
    ]);
  });

  test("n = 2, streamed and whole", async () => {
    script = () => [START, text("x", 0), text("y", 1), finish("stop", 1), text("z", 0), finish("stop", 0), USAGE];
    const whole = await client.chat.completions.create({ ...HI, n: 2 });
    expect(whole.choices.map((choice) => choice.message.content)).toEqual(["xz", "y"]);
    const streamed = await client.chat.completions.stream({ ...HI, n: 2 }).finalChatCompletion();
    expect(streamed.choices.map((choice) => choice.message.content)).toEqual(["xz", "y"]);
  });
});

describe("completions", () => {
  test("several prompts", async () => {
    script = ({ input }) => [START, text(input.kind === "text" ? input.text.toUpperCase() : "?"), finish(), USAGE];
    const answer = await client.completions.create({ model: "m", prompt: ["a", "b"], echo: true });
    expect(answer.choices.map((choice) => choice.text)).toEqual(["aA", "bB"]);
  });

  test("stream", async () => {
    script = () => [START, text("One", 0, [logprob("One")]), finish(), USAGE];
    const offsets: unknown[] = [];
    let said = "";
    for await (const chunk of await client.completions.create({ model: "m", prompt: "a", stream: true, logprobs: 1 })) {
      said += chunk.choices[0]?.text ?? "";
      offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []));
    }
    expect([said, offsets]).toEqual(["One", [0]]);
  });
});

describe("embeddings", () => {
  test("base64 underneath, numbers in hand", async () => {
    const { data, usage } = await client.embeddings.create({ model: "m", input: ["a", "b"] });
    expect(data.map((each) => each.embedding.map((x) => Math.round(x * 10) / 10))).toEqual([
      [0.6, 0, 0.8],
      [0.6, 0, 0.8],
    ]);
    expect(usage.prompt_tokens).toBe(5);
    expect(embedded[0]?.inputs).toEqual(["a", "b"]);
  });

  test("dimensions", async () => {
    const { data } = await client.embeddings.create({ model: "m", input: "a", dimensions: 1, encoding_format: "float" });
    expect(data[0]?.embedding).toEqual([1]);
  });
});

test("models", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(["m", "m+pirate"]);
  expect((await client.models.retrieve("m+pirate")).id).toBe("m+pirate");
  await expect(client.models.retrieve("nope")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

describe("errors are the client's own classes", () => {
  test("a wrong field", async () => {
    const error = await client.chat.completions.create({ ...HI, temperature: 3 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, code: "invalid_request", param: "temperature", type: "invalid_request_error" });
    expect(error.message).toContain("but is 3");
  });

  test.each([
    ["unauthorized", OpenAI.AuthenticationError],
    ["forbidden", OpenAI.PermissionDeniedError],
    ["model_not_found", OpenAI.NotFoundError],
    ["conflict", OpenAI.ConflictError],
    ["gguf_invalid", OpenAI.UnprocessableEntityError],
    ["queue_full", OpenAI.RateLimitError],
    ["replica_unavailable", OpenAI.InternalServerError],
  ] as const)("%s", async (code, expected) => {
    const fault = new ArrieroError(code, "Said.", { retryAfter: 3 });
    script = () => [{ type: "error", error: fault.body }];
    for (const stream of [false, true]) {
      const error = await client.chat.completions.create({ ...HI, stream }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ status: fault.status, code });
      expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("3");
    }
  });

  test("in the middle of a stream", async () => {
    script = () => [START, text("half an"), { type: "error", error: new ArrieroError("replica_failed", "Gone.").body }];
    let said = "";
    const reading = async () => {
      for await (const chunk of await client.chat.completions.create({ ...HI, stream: true })) {
        said += chunk.choices[0]?.delta.content ?? "";
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: "replica_failed", type: "server_error" });
    expect(said).toBe("half an");
  });
});
