import { afterAll, beforeAll, expect, it } from "vitest";
import { catalogue, startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

let from: TestGateway;
beforeAll(async () => {
  from = await startTestGateway({ gateway: { models: { ...catalogue, defaultModel: "arriero-demo" } } });
  await from.ready();
});
afterAll(() => from.close());

interface Answer {
  readonly generated_text: string;
  readonly details: { readonly prompt_tokens: number; readonly prefill: readonly { readonly text: string }[] };
}

async function ask<T = Answer>(path: string, body: unknown): Promise<T> {
  return (await (await from.post(path, body)).json()) as T;
}

const inputs = "what is it?";

it("answers a list at / and an object at /generate, by the default model", async () => {
  const { generated_text } = await ask("/generate", { inputs, parameters: { max_new_tokens: 3, seed: 1 } });
  expect(generated_text.split(" ")).toHaveLength(4);
  expect(await ask("/", { inputs, parameters: { max_new_tokens: 3, seed: 1 } })).toEqual([{ generated_text }]);
  expect((await from.lastLine("/generate")).model).toBe("arriero-demo");
});

it("streams the same text, at /generate_stream and where the body asks for it, over the death of the replica too", async () => {
  const { generated_text } = await ask("/generate", { inputs, parameters: { seed: 1 } });
  const streams = [
    await from.post("/", { inputs, stream: true, parameters: { seed: 1 } }),
    await from.post("/generate_stream", { inputs: `crash-after:11 ${inputs}`, parameters: { seed: 1 } }),
  ];
  for (const response of streams) {
    const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "");
    expect(frames.length).toBeGreaterThan(30);
    expect(JSON.parse(frames.at(-1)!.slice("data:".length))).toMatchObject({ generated_text });
  }
});

it("takes an adapter by its name alone, here and in the OpenAI routes", async () => {
  const parameters = { adapter_id: "pirate", max_new_tokens: 3, seed: 1 };
  expect((await ask("/generate", { inputs, parameters })).generated_text).toMatch(/^pirate:/);
  for (const [model, start] of Object.entries({ pirate: /^pirate:/, "": /^w/ })) {
    const { choices } = await ask<{ choices: [{ text: string }] }>("/v1/completions", { model, prompt: inputs, max_tokens: 3 });
    expect(choices[0].text).toMatch(start);
  }
});

it("shows the prompt's tokens, and cuts the prompt from its start", async () => {
  const parameters = { decoder_input_details: true, max_new_tokens: 2 };
  const { details } = await ask("/generate", { inputs, parameters });
  expect(details.prefill.map(({ text }) => text)).toEqual(["what", " is", " it?"]);
  expect((await ask("/generate", { inputs, parameters: { ...parameters, truncate: 2 } })).details.prompt_tokens).toBe(2);
});

it("tokenizes, and says what it serves", async () => {
  const tokens = await ask<unknown[]>("/tokenize", { inputs: "one two" });
  expect(tokens).toMatchObject([
    { text: "one", start: 0, stop: 3 },
    { text: " two", start: 3, stop: 7 },
  ]);
  const info = (await (await fetch(`${from.url}/info`)).json()) as unknown;
  expect(info).toMatchObject({ model_id: "arriero-demo", adapters: ["pirate"], version: "0.0.0" });
});

it.each([
  [{ inputs: "" }, 422, "validation"],
  [{ inputs, parameters: { adapter_id: "nobody" } }, 404, "adapter_not_found"],
  [{ inputs, parameters: { adapter_id: "pirate", adapter_source: "hub" } }, 422, "validation"],
  [{ inputs: "queue-full" }, 429, "overloaded"],
  [{ inputs: "too-long" }, 422, "validation"],
])("refuses %j with %i %s, streamed or not", async (body, status, type) => {
  for (const path of ["/generate", "/generate_stream"]) {
    const response = await from.post(path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String), error_type: type });
  }
});

it("logs no API token", async () => {
  await ask("/generate", { inputs, parameters: { api_token: "hf_secret", max_new_tokens: 1 } });
  await from.lastLine("/generate");
  expect(JSON.stringify(from.logged)).not.toContain("hf_secret");
});

it("wants a default where there are several models", async () => {
  const without = await startTestGateway();
  const response = await without.post("/generate", { inputs });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "model_not_found" });
  await without.close();
});
