import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./running-server.ts";
import { startServer } from "./running-server.ts";

let server: RunningServer;
let client: Anthropic;
/** The client's types no longer have a temperature; its requests still carry what is given. */
const ASK = {
  model: "arriero-demo",
  max_tokens: 80,
  temperature: 0,
  messages: [{ role: "user" as const, content: "What is Arriero?" }],
};
const WEATHER: Anthropic.Tool = {
  name: "get_weather",
  description: "Weather now",
  input_schema: {
    type: "object",
    properties: { city: { type: "string", enum: ["Cusco", "Lima"] }, days: { type: "integer", minimum: 1, maximum: 7 } },
    required: ["city", "days"],
    additionalProperties: false,
  },
};

beforeAll(async () => {
  server = await startServer();
  client = new Anthropic({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
});
afterAll(() => server.stop());

const textOf = (message: Anthropic.Message) => message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const promptOf = ({ usage }: Anthropic.Message) => usage.input_tokens + (usage.cache_read_input_tokens ?? 0);

describe("the Anthropic npm client against arriero up", () => {
  test("a message, whole and in pieces, and its tokens counted beforehand", async () => {
    const { max_tokens: _, temperature: __, ...prompt } = { ...ASK, system: "Be brief." };
    const { input_tokens } = await client.messages.countTokens(prompt);
    const whole = await client.messages.create({ ...ASK, system: "Be brief." });
    expect(textOf(whole)).toMatch(/Arriero/);
    expect(whole.stop_reason).toBe("end_turn");
    expect(promptOf(whole)).toBe(input_tokens);
    const pieces: string[] = [];
    const stream = client.messages.stream({ ...ASK, system: "Be brief." }).on("text", (delta) => pieces.push(delta));
    const streamed = await stream.finalMessage();
    expect(pieces.join("")).toBe(textOf(whole));
    expect(pieces.length).toBeGreaterThan(3);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(promptOf(streamed)).toBe(input_tokens);
    expect(streamed.usage.cache_read_input_tokens).toBeGreaterThan(0);
  });

  test("a stop sequence is reported, and so is the end of max_tokens", async () => {
    const whole = textOf(await client.messages.create(ASK));
    const stop = whole.slice(10, 14);
    const stopped = await client.messages.create({ ...ASK, stop_sequences: [stop] });
    expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: stop });
    expect(textOf(stopped)).toBe(whole.slice(0, whole.indexOf(stop)));
    const short = await client.messages.create({ ...ASK, max_tokens: 2 });
    expect(short).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 2 } });
  });

  test("a tool that must be called, and its result in the next turn", async () => {
    const asked = { ...ASK, max_tokens: 400, tools: [WEATHER] };
    const answer = await client.messages
      .stream({ ...asked, tool_choice: { type: "tool", name: "get_weather", disable_parallel_tool_use: true } })
      .finalMessage();
    expect(answer.stop_reason).toBe("tool_use");
    const call = answer.content.find((block) => block.type === "tool_use");
    if (call === undefined) throw new Error("no call");
    expect(call).toMatchObject({ name: "get_weather", input: { city: expect.stringMatching(/^(Cusco|Lima)$/) } });
    const result = { type: "tool_result" as const, tool_use_id: call.id, content: "4 C and rain" };
    const second = await client.messages.create({
      ...asked,
      tool_choice: { type: "none" },
      messages: [...ASK.messages, { role: "assistant", content: answer.content }, { role: "user", content: [result] }],
    });
    expect(promptOf(second)).toBeGreaterThan(0);
    expect(second.content.every((block) => block.type === "text")).toBe(true);
  });

  test("structured output", async () => {
    const schema = { type: "object", properties: { open: { type: "boolean" } }, required: ["open"], additionalProperties: false };
    const answer = await client.messages.create({ ...ASK, output_config: { format: { type: "json_schema", schema } } });
    expect(JSON.parse(textOf(answer))).toEqual({ open: expect.any(Boolean) });
  });

  test("models", async () => {
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain("arriero-demo");
    expect(await client.models.retrieve("arriero-demo")).toMatchObject({ type: "model", display_name: "arriero-demo" });
  });

  test("errors are the client's own classes", async () => {
    await expect(client.messages.create({ ...ASK, model: "nobody" })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    const long = [{ role: "user" as const, content: "llama ".repeat(60_000) }];
    await expect(client.messages.create({ ...ASK, messages: long })).rejects.toMatchObject({
      status: 400,
      type: "invalid_request_error",
      errorCode: "context_length_exceeded",
    });
  });

  test("an answer that was begun is gone on with, and its beginning not said again", async () => {
    const begun = [...ASK.messages, { role: "assistant" as const, content: "Arriero is" }];
    const { content } = await client.messages.create({ ...ASK, messages: begun });
    const [block] = content;
    expect(block?.type === "text" && block.text.trim()).toMatch(/^(?!Arriero is)./s);
  });
});
