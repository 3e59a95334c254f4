import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "./testing/test-gateway.ts";

const KEY = "a-key-of-the-owner";
let from: TestGateway;
let client: Anthropic;

beforeAll(async () => {
  from = await startTestGateway({ gateway: { requireKey: true, keys: [KEY] } });
  client = new Anthropic({ baseURL: from.url, apiKey: KEY, maxRetries: 0 });
});
afterAll(() => from.close());

const ask = (content: string) => ({ model: "arriero-demo", max_tokens: 12, messages: [{ role: "user" as const, content }] });

it("answers, streamed and not, with usage and a request id", async () => {
  const { data, request_id } = await client.messages.create(ask("what is it?")).withResponse();
  expect(data).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 12 } });
  expect(request_id).toMatch(/^[0-9a-f]{24}$/);
  expect(data.id).toBe(`msg_${request_id}`);
  const streamed = await client.messages.stream(ask("what is it?")).finalMessage();
  expect(streamed).toMatchObject({ stop_reason: "max_tokens", usage: data.usage });
});

it("keeps a stream whole over the death of the replica", async () => {
  const texts = (message: Anthropic.Message) => message.content.map((block) => (block.type === "text" ? block.text : "?"));
  const stream = client.messages.stream(ask("crash-after:5 what is it?"));
  const message = await stream.finalMessage();
  expect(message).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 12 } });
  expect(texts(message)).toEqual([expect.stringMatching(/^(w\d+ ){12}$/)]);
  expect(await from.lastLine("/v1/messages")).toMatchObject({ requestId: stream.request_id, continuations: 1 });
});

it("calls tools", async () => {
  const tools = [{ name: "weather", input_schema: { type: "object" as const } }];
  const answer = await client.messages.create({ ...ask("call-tool"), tools });
  expect(answer.content).toEqual([{ type: "tool_use", id: "call_0", name: "weather", input: { city: "Lima" } }]);
  expect(answer.stop_reason).toBe("tool_use");
});

it("counts as its generations do", async () => {
  const { max_tokens, ...asked } = ask("one two three");
  const { input_tokens } = await client.messages.countTokens(asked);
  const { usage } = await client.messages.create({ ...asked, max_tokens });
  expect(input_tokens).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0));
});

it("lists the models", async () => {
  const ids = [];
  for await (const { id } of client.models.list()) ids.push(id);
  expect(ids).toEqual(["arriero-demo", "arriero-demo+pirate", "other"]);
});

it("throws the client's own error classes", async () => {
  await expect(client.messages.create({ ...ask("x"), model: "nobody" })).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  await expect(client.messages.create(ask("too-long"))).rejects.toMatchObject({ errorCode: "context_length_exceeded" });
  const full = await client.messages.create(ask("queue-full")).catch((thrown) => thrown);
  expect(full).toBeInstanceOf(Anthropic.RateLimitError);
  expect(full.headers.get("retry-after")).toBe("7");
  expect(full.error.request_id).toBe(full.requestID);
  const stranger = new Anthropic({ baseURL: from.url, apiKey: "wrong", maxRetries: 0 });
  const refused = await stranger.messages.create(ask("x")).catch((thrown) => thrown);
  expect(refused).toBeInstanceOf(Anthropic.AuthenticationError);
  expect(refused.type).toBe("authentication_error");
});
