import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chat, startTestGateway, type TestGateway } from "./testing/test-gateway.ts";

let from: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  from = await startTestGateway();
  client = new OpenAI({ baseURL: `${from.url}/v1`, apiKey: "none", maxRetries: 0 });
});
afterAll(() => from.close());

const messages = [{ role: "user" as const, content: "what is it?" }];
const model = "arriero-demo";

it("chats, streamed and not, with the same text and usage", async () => {
  const whole = await client.chat.completions.create({ model, messages, seed: 1 });
  const stream = await client.chat.completions.create({
    model,
    messages,
    seed: 1,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  expect(whole.choices[0]!.finish_reason).toBe("stop");
  expect(text).toBe(whole.choices[0]!.message.content);
  expect(usage).toEqual(whole.usage);
});

it("keeps a stream whole over the death of the replica", async () => {
  const whole = await client.chat.completions.create({ model, messages, seed: 1 });
  const content = "crash-after:11 what is it?";
  const stream = client.chat.completions.stream({ model, messages: [{ role: "user", content }], seed: 1 });
  expect(await stream.finalContent()).toBe(whole.choices[0]!.message.content);
});

it("calls tools", async () => {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: "user", content: "call-tool" }],
    tools: [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }],
  });
  const [call] = completion.choices[0]!.message.tool_calls!;
  expect(call).toMatchObject({ id: "call_0", type: "function", function: { name: "weather", arguments: '{"city":"Lima"}' } });
  expect(completion.choices[0]!.finish_reason).toBe("tool_calls");
});

it("completes several prompts, streamed and not", async () => {
  const prompt = ["one", "two"];
  const whole = await client.completions.create({ model, prompt, max_tokens: 4, seed: 3 });
  expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1]);
  const texts = ["", ""];
  for await (const chunk of await client.completions.create({ model, prompt, max_tokens: 4, seed: 3, stream: true })) {
    for (const choice of chunk.choices) texts[choice.index] += choice.text;
  }
  expect(texts).toEqual(whole.choices.map((choice) => choice.text));
});

it("embeds", async () => {
  const { data, usage } = await client.embeddings.create({ model, input: ["a", "bcd"] });
  expect(data.map((each) => each.embedding)).toEqual([
    [1, 0, 1],
    [1, 0, 3],
  ]);
  expect(usage.prompt_tokens).toBe(2);
});

it("lists and retrieves models", async () => {
  const ids = [];
  for await (const each of client.models.list()) ids.push(each.id);
  expect(ids).toContain("arriero-demo+pirate");
  expect((await client.models.retrieve("arriero-demo+pirate")).id).toBe("arriero-demo+pirate");
});

it("throws the client's own error classes", async () => {
  await expect(client.chat.completions.create({ ...chat("x"), model: "nobody" } as never)).rejects.toBeInstanceOf(
    OpenAI.NotFoundError,
  );
  await expect(client.chat.completions.create({ model, messages: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  const full = client.chat.completions.create({ model, messages: [{ role: "user", content: "queue-full" }] });
  await expect(full).rejects.toBeInstanceOf(OpenAI.RateLimitError);
});
