import { execFile } from "node:child_process";
import { promisify } from "node:util";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "./running-server.ts";
import { startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const prompt = "<|im_start|>user\nWhat is Arriero?<|im_end|>\n<|im_start|>assistant\n";
const messages = [{ role: "user" as const, content: "What is Arriero?" }];

interface Token {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  readonly special: boolean;
}
interface Answer {
  readonly generated_text: string;
  readonly details?: {
    readonly finish_reason: string;
    readonly generated_tokens: number;
    readonly prompt_tokens: number;
    readonly seed: number | null;
    readonly tokens: readonly Token[];
  };
}

/** As curl sends it. */
function post(path: string, body: unknown): Promise<Response> {
  return fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function generate(inputs: string, parameters: Record<string, unknown>): Promise<Answer> {
  const response = await post("/generate", { inputs, parameters });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

const joined = (tokens: readonly Token[]) => tokens.map(({ special, text }) => (special ? "" : text)).join("");

/** The README's own command lines, but for the port; curl's output. */
async function curl(data: string, port = new URL(server.url).port): Promise<Answer> {
  const line = [`127.0.0.1:${port}/generate`, "-X", "POST", "-d", data, "-H", "Content-Type: application/json"];
  return JSON.parse((await promisify(execFile)("curl", ["--silent", "--show-error", ...line])).stdout) as Answer;
}

describe("the examples of LoRAX's README against arriero up", () => {
  test("the base model, by curl", async () => {
    const data =
      '{"inputs": "Instruct: Write a detailed analogy between mathematics and a lighthouse.\\nOutput:", "parameters": {"max_new_tokens": 64}}';
    const answer = await curl(data);
    expect(Object.keys(answer)).toEqual(["generated_text"]);
    expect(answer.generated_text).not.toBe("");
    const { inputs, parameters } = JSON.parse(data);
    expect(answer).toEqual(await generate(inputs, parameters));
  });

  test("an adapter, by curl: one that is here answers, one that is not is named", async () => {
    const ask = (adapter: string) =>
      curl(
        `{"inputs": "[INST] Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. How many clips did Natalia sell altogether in April and May? [/INST]", "parameters": {"max_new_tokens": 64, "adapter_id": "${adapter}"}}`,
      );
    expect((await ask("pirate")).generated_text).not.toBe((await ask("")).generated_text);
    const missing = await ask("vineetsharma/qlora-adapter-Mistral-7B-Instruct-v0.1-gsm8k");
    expect(missing).toMatchObject({ error_type: "adapter_not_found", error: expect.stringContaining("vineetsharma/qlora") });
  });

  test("each adapter answers in its own way, and as the chat route has it", async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "EMPTY", maxRetries: 0 });
    const texts = new Set<string>();
    for (const adapter of ["", "terse", "pirate", "spanish"]) {
      const { details, generated_text } = await generate(prompt, { adapter_id: adapter, details: true, max_new_tokens: 100 });
      const answer = await client.chat.completions.create({ model: adapter, messages, temperature: 0, max_tokens: 100 });
      expect(generated_text).toBe(answer.choices[0]?.message.content);
      expect(details).toMatchObject({ finish_reason: "eos_token", seed: null, prompt_tokens: answer.usage?.prompt_tokens });
      expect(details?.tokens).toHaveLength(details!.generated_tokens);
      expect(joined(details!.tokens)).toBe(generated_text);
      for (const { logprob } of details!.tokens) expect(logprob).toBeLessThanOrEqual(0);
      texts.add(generated_text);
    }
    expect(texts.size).toBe(4);
  });

  test("a stream under an adapter, token by token", async () => {
    const parameters = { adapter_id: "terse", max_new_tokens: 64, details: true };
    const whole = await generate(prompt, parameters);
    const response = await post("/generate_stream", { inputs: prompt, parameters });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "");
    const chunks = frames.map((frame) => JSON.parse(frame.replace(/^data:/, "")) as { token: Token } & Partial<Answer>);
    expect(joined(chunks.map(({ token }) => token))).toBe(whole.generated_text);
    expect(chunks.slice(0, -1).every(({ generated_text }) => generated_text === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      generated_text: whole.generated_text,
      details: { generated_tokens: whole.details?.generated_tokens },
    });
  });

  test("the chat route streams under an adapter's bare name", async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "EMPTY", maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: "pirate", messages, temperature: 0, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toMatch(/^Arr/);
  });
});

describe("what else LoRAX's clients ask for", () => {
  test("a seed makes draws repeatable, and the answer names it", async () => {
    const drawn = { do_sample: true, temperature: 2, seed: 11, max_new_tokens: 30, details: true };
    const [first, again] = [await generate(prompt, drawn), await generate(prompt, drawn)];
    expect(first.details?.seed).toBe(11);
    expect(again).toEqual(first);
  });

  test("a stop sequence, the limit on tokens, a truncated prompt", async () => {
    const whole = (await generate(prompt, {})).generated_text;
    const stop = whole.slice(10, 14);
    const stopped = await generate(prompt, { stop: [stop], details: true, return_full_text: true });
    expect(stopped.generated_text).toBe(prompt + whole.slice(0, whole.indexOf(stop)));
    expect(stopped.details?.finish_reason).toBe("stop_sequence");
    const short = await generate(prompt, { max_new_tokens: 2, truncate: 5, details: true });
    expect(short.details).toMatchObject({ finish_reason: "length", generated_tokens: 2, prompt_tokens: 5 });
  });

  test("a schema holds the answer", async () => {
    const schema = { type: "object", properties: { a: { type: "boolean" } }, required: ["a"], additionalProperties: false };
    for (const held of [{ response_format: { type: "json_object", schema } }, { grammar: { type: "json", value: schema } }]) {
      const { generated_text } = await generate(prompt, { ...held, max_new_tokens: 100 });
      expect(typeof JSON.parse(generated_text).a).toBe("boolean");
    }
  });

  test("tokens and info", async () => {
    const inputs = "A llama carries 🦙 ¡olé!";
    const tokens = (await (await post("/tokenize", { inputs })).json()) as { text: string; start: number; stop: number }[];
    expect(tokens.map(({ text }) => text).join("")).toBe(inputs);
    for (const { start, stop, text } of tokens) expect([...inputs].slice(start, stop).join("")).toBe(text);
    const info = await (await fetch(`${server.url}/info`)).json();
    expect(info).toMatchObject({ model_id: "arriero-demo", adapters: expect.arrayContaining(["pirate", "terse"]) });
  });

  test("errors have the statuses and types that its clients tell apart", async () => {
    const refused = async (parameters: Record<string, unknown>) => {
      const response = await post("/generate", { inputs: "x", parameters });
      const { error_type } = (await response.json()) as { error_type: string };
      return [response.status, error_type];
    };
    expect(await refused({ adapter_id: "vineetsharma/qlora-adapter" })).toEqual([404, "adapter_not_found"]);
    expect(await refused({ adapter_id: "pirate", adapter_source: "hub" })).toEqual([422, "validation"]);
    expect(await refused({ temperature: "hot" })).toEqual([422, "validation"]);
  });
});
