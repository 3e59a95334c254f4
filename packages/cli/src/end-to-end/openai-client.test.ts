import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./running-server.ts";
import { startServer } from "./running-server.ts";

let server: RunningServer;
let client: OpenAI;
const model = "arriero-demo";
const messages = [{ role: "user" as const, content: "What is Arriero?" }];

beforeAll(async () => {
  server = await startServer();
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});
afterAll(() => server.stop());

describe("the openai npm client against arriero up", () => {
  test("chat", async () => {
    const answer = await client.chat.completions.create({ model, messages, temperature: 0 });
    expect(answer.choices[0]?.message.content).toMatch(/Arriero/);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
  });

  test("stream with usage gives the same text in pieces", async () => {
    const whole = await client.chat.completions.create({ model, messages, temperature: 0 });
    const stream = await client.chat.completions.create({
      model,
      messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let pieces = 0;
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      pieces += chunk.choices[0]?.delta.content ? 1 : 0;
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(pieces).toBeGreaterThan(3);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  test("a seed makes sampling repeatable, another seed differs somewhere", async () => {
    const draw = async (seed: number) =>
      (await client.chat.completions.create({ model, messages, temperature: 2, seed, max_tokens: 40 })).choices[0]?.message
        .content;
    expect(await draw(11)).toBe(await draw(11));
    const others = await Promise.all([12, 13, 14].map(draw));
    expect(others.some((text) => text !== others[0])).toBe(true);
  });

  test("json_schema: the answer is valid JSON of that shape, whatever the model would rather say", async () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", maxLength: 12 },
        layers: { type: "integer", minimum: 1, maximum: 99 },
        open: { type: "boolean" },
      },
      required: ["name", "layers", "open"],
      additionalProperties: false,
    };
    const answer = await client.chat.completions.create({
      model,
      messages,
      temperature: 0,
      max_tokens: 120,
      response_format: { type: "json_schema", json_schema: { name: "facts", schema, strict: true } },
    });
    const value = JSON.parse(answer.choices[0]?.message.content ?? "");
    expect(Object.keys(value).sort()).toEqual(["layers", "name", "open"]);
    expect(Number.isInteger(value.layers) && value.layers >= 1 && value.layers <= 99).toBe(true);
    expect(typeof value.open).toBe("boolean");
  });

  test("tools: a required call names the tool and its arguments follow the schema", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: "How is the weather in Cusco?" }],
      temperature: 0,
      max_tokens: 120,
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "Weather now",
            parameters: {
              type: "object",
              properties: {
                city: { type: "string", enum: ["Cusco", "Lima"] },
                days: { type: "integer", minimum: 1, maximum: 7 },
              },
              required: ["city", "days"],
              additionalProperties: false,
            },
          },
        },
      ],
      tool_choice: "required",
      parallel_tool_calls: false,
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const call = choice?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("no function call");
    expect(call.function.name).toBe("get_weather");
    const given = JSON.parse(call.function.arguments);
    expect(["Cusco", "Lima"]).toContain(given.city);
    expect(given.days).toBeGreaterThanOrEqual(1);
  });

  test("logprobs: one entry a token, sorted alternatives, and the greedy one is the likeliest", async () => {
    const answer = await client.chat.completions.create({ model, messages, temperature: 0, logprobs: true, top_logprobs: 3 });
    const content = answer.choices[0]?.logprobs?.content ?? [];
    expect(content.length).toBe(answer.usage?.completion_tokens);
    expect(content.map((entry) => entry.token).join("")).toBe(answer.choices[0]?.message.content);
    for (const entry of content) {
      expect(entry.logprob).toBeLessThanOrEqual(0);
      expect(entry.top_logprobs.length).toBe(3);
      expect(entry.top_logprobs[0]?.token).toBe(entry.token);
      expect(entry.top_logprobs[0]!.logprob).toBeGreaterThanOrEqual(entry.top_logprobs[1]!.logprob);
    }
  });

  test("n choices, stop sequences and max_tokens", async () => {
    const answer = await client.chat.completions.create({ model, messages, n: 3, temperature: 1.5, seed: 5, max_tokens: 12 });
    expect(answer.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    const whole = (await client.chat.completions.create({ model, messages, temperature: 0 })).choices[0]?.message.content ?? "";
    const stop = whole.slice(10, 14);
    const stopped = await client.chat.completions.create({ model, messages, temperature: 0, stop: [stop] });
    expect(stopped.choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf(stop)));
    const short = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 2 });
    expect(short.choices[0]?.finish_reason).toBe("length");
    expect(short.usage?.completion_tokens).toBe(2);
  });

  test("a second turn reuses the first one's prompt and answer", async () => {
    const opening = [
      { role: "user" as const, content: "How do I start a conversation that is long enough to be worth remembering?" },
    ];
    const first = await client.chat.completions.create({ model, messages: opening, temperature: 0 });
    const second = await client.chat.completions.create({
      model,
      messages: [
        ...opening,
        { role: "assistant", content: first.choices[0]?.message.content ?? "" },
        { role: "user", content: "And then?" },
      ],
      temperature: 0,
    });
    const shared = (first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0);
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThanOrEqual(shared - 1);
  });

  test("completions, with an array of prompts", async () => {
    const answer = await client.completions.create({
      model,
      prompt: ["Arriero is", "A llama is"],
      max_tokens: 6,
      temperature: 0,
    });
    expect(answer.choices.map((choice) => choice.index)).toEqual([0, 1]);
  });

  test("responses: whole and streamed say the same, a json_schema is held to", async () => {
    const whole = await client.responses.create({ model, input: "What is Arriero?", temperature: 0 });
    expect(whole.output_text).toMatch(/Arriero/);
    const stream = client.responses.stream({ model, input: "What is Arriero?", temperature: 0 });
    expect((await stream.finalResponse()).output_text).toBe(whole.output_text);
    const schema = {
      type: "object",
      properties: { open: { type: "boolean" } },
      required: ["open"],
      additionalProperties: false,
    };
    const parsed = await client.responses.create({
      model,
      input: "Is Arriero open?",
      temperature: 0,
      max_output_tokens: 60,
      text: { format: { type: "json_schema", name: "facts", schema, strict: true } },
    });
    expect(typeof JSON.parse(parsed.output_text).open).toBe("boolean");
  });

  test("embeddings: unit vectors, the same text the same vector", async () => {
    const answer = await client.embeddings.create({
      model,
      input: ["llama", "llama", "a quite different sentence about spot prices"],
    });
    const [a, b, c] = answer.data.map((entry) => entry.embedding) as [number[], number[], number[]];
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    expect(dot(a, a)).toBeCloseTo(1, 3);
    expect(dot(a, b)).toBeCloseTo(1, 3);
    expect(dot(a, c)).toBeLessThan(0.999);
  });

  test("models", async () => {
    const names = [];
    for await (const entry of client.models.list()) names.push(entry.id);
    expect(names).toContain(model);
    expect((await client.models.retrieve(model)).id).toBe(model);
  });

  test("errors are the client's own classes, with code and param", async () => {
    await expect(client.chat.completions.create({ model: "nobody", messages })).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
    await expect(client.chat.completions.create({ model, messages: [] })).rejects.toMatchObject({
      status: 400,
      code: "invalid_request",
      param: "messages",
    });
    await expect(client.chat.completions.create({ model, messages, temperature: 9 })).rejects.toMatchObject({
      status: 400,
      param: "temperature",
    });
    const long = [{ role: "user" as const, content: "llama ".repeat(60_000) }];
    await expect(client.chat.completions.create({ model, messages: long })).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
    const bad = {
      type: "json_schema" as const,
      json_schema: { name: "x", schema: { type: "object", properties: { a: { not: {} } } } },
    };
    await expect(client.chat.completions.create({ model, messages, response_format: bad })).rejects.toMatchObject({
      status: 400,
      code: "invalid_schema",
    });
  });
});
