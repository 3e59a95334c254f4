import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ollama } from "ollama";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let client: Ollama;
const model = "arriero-demo";
const messages = [{ role: "user", content: "What is Arriero?" }];
const greedy = { temperature: 0 };
const ADAPTER = fileURLToPath(new URL("../../../../models/demo/adapters/pirate.gguf", import.meta.url));

beforeAll(async () => {
  server = await startServer();
  client = new Ollama({ host: server.url });
});
afterAll(() => server.stop());

const post = (path: string, body: unknown) => fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body) });

// Models are loaded and unloaded on the way, each in a process of its own.
describe("the ollama npm client against arriero up", { timeout: 120_000 }, () => {
  test("chat, whole and streamed, says the same", async () => {
    const whole = await client.chat({ model, messages, options: greedy });
    expect(whole.message).toMatchObject({ role: "assistant", content: expect.stringContaining("Arriero") });
    expect(whole).toMatchObject({ done: true, done_reason: "stop", eval_count: expect.any(Number) });
    expect(whole.total_duration).toBeGreaterThan(whole.eval_duration);
    let text = "";
    let lines = 0;
    let last = null;
    for await (const part of await client.chat({ model, messages, stream: true, options: greedy })) {
      text += part.message.content;
      lines++;
      last = part;
    }
    expect(text).toBe(whole.message.content);
    expect(lines).toBeGreaterThan(3);
    expect(last).toMatchObject({ done: true, done_reason: "stop", eval_count: whole.eval_count });
  });

  test("generate: a turn of its own, raw text, a schema, and a length that ends it", async () => {
    const chat = await client.chat({ model, messages, options: greedy });
    const generated = await client.generate({ model, prompt: messages[0]!.content, stream: false, options: greedy });
    expect(generated.response).toBe(chat.message.content);
    const raw = await client.generate({ model, prompt: "A caravan", raw: true, options: { ...greedy, num_predict: 3 } });
    expect(raw).toMatchObject({ done_reason: "length", eval_count: 3 });
    const format = { type: "object", properties: { n: { type: "integer", minimum: 1, maximum: 9 } }, required: ["n"] };
    const held = await client.generate({ model, prompt: "A number", format, options: { ...greedy, num_predict: 60 } });
    expect(JSON.parse(held.response ?? "").n).toBeGreaterThan(0);
  });

  test("explicit nulls, empty images and a body without content type, as curl sends it", async () => {
    const nulls = { temperature: 0, num_ctx: null, mirostat: null, stop: null, seed: null, tfs_z: null };
    const body = { model, messages: [{ ...messages[0], images: [] }], stream: null, format: null, options: nulls };
    const lines = (await (await post("/api/chat", body)).text()).trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ done: true, done_reason: "stop" });
  });

  test("an aborted stream ends, and the server goes on", async () => {
    const stream = await client.chat({ model, messages, stream: true, options: { num_predict: 400 } });
    const read = async (): Promise<void> => {
      for await (const _ of stream) stream.abort();
    };
    await expect(read()).rejects.toThrow(/abort/i);
    expect((await client.ps()).models.map(({ name }) => name)).toContain(`${model}:latest`);
  });

  test("embed and its older form", async () => {
    const { embeddings } = await client.embed({ model, input: ["llama", "llama", "spot prices"] });
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    expect(dot(embeddings[0]!, embeddings[1]!)).toBeCloseTo(1, 3);
    expect(dot(embeddings[0]!, embeddings[2]!)).toBeLessThan(0.999);
    const { embedding } = await client.embeddings({ model, prompt: "llama" });
    expect(embedding.length).toBe(embeddings[0]!.length);
  });

  test("list, show, version", async () => {
    const { models } = await client.list();
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining([`${model}:latest`, `${model}:latest+pirate`]));
    const shown = await client.show({ model: `${model}:latest` });
    expect(shown.capabilities).toContain("completion");
    expect(shown.details.format).toBe("gguf");
    expect((await client.version()).version).toMatch(/^\d/);
  });

  test("create from a model, copy, use, delete", async () => {
    const made = await client.create({ model: "brief", from: model, system: "Be brief.", parameters: { temperature: 0 } });
    expect(made.status).toBe("success");
    expect(await client.show({ model: "brief" })).toMatchObject({ system: "Be brief." });
    await client.copy({ source: "brief", destination: "briefer" });
    await client.delete({ model: "brief" });
    const answer = await client.chat({ model: "briefer", messages, keep_alive: 0, options: { num_predict: 4 } });
    expect(answer.eval_count).toBeGreaterThan(0);
    await eventually(async () => (await client.ps()).models.every(({ name }) => name !== "briefer:latest"), "unloaded");
    await client.delete({ model: "briefer" });
    await expect(client.show({ model: "briefer" })).rejects.toMatchObject({ status_code: 404 });
  });

  test("an adapter sent as a blob becomes part of a model", async () => {
    const bytes = readFileSync(ADAPTER);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const blob = `${server.url}/api/blobs/${digest}`;
    expect((await fetch(blob, { method: "HEAD" })).status).toBe(404);
    expect((await fetch(`${server.url}/api/blobs/sha256:${"0".repeat(64)}`, { method: "POST", body: bytes })).status).toBe(422);
    expect((await fetch(blob, { method: "POST", body: bytes })).status).toBe(201);
    expect((await fetch(blob, { method: "HEAD" })).status).toBe(200);
    const statuses = [];
    const adapters = { "sailor.gguf": digest };
    for await (const line of await client.create({ model: "ship", from: model, adapters, stream: true })) {
      statuses.push(line.status);
    }
    expect(statuses.at(-1)).toBe("success");
    expect((await client.list()).models.map(({ name }) => name)).toContain("ship:latest+sailor");
    await client.delete({ model: "ship" });
  });

  test("load and unload without a prompt", async () => {
    expect(await client.generate({ model, prompt: "", keep_alive: 0 })).toMatchObject({ done_reason: "unload", response: "" });
    expect((await client.ps()).models).toEqual([]);
    expect(await client.chat({ model, messages: [], keep_alive: "10m" })).toMatchObject({ done_reason: "load", eval_count: 0 });
    const [loaded] = (await client.ps()).models;
    expect(Date.parse(String(loaded?.expires_at)) - Date.now()).toBeGreaterThan(500_000);
  });

  test("errors are one sentence under error, with their status", async () => {
    await expect(client.chat({ model: "nobody", messages })).rejects.toMatchObject({ status_code: 404 });
    await expect(client.push({ model })).rejects.toThrow("publishes no models");
    await expect(client.pull({ model: "/etc/passwd" })).rejects.toMatchObject({ status_code: 400 });
    await expect(client.delete({ model })).rejects.toMatchObject({ status_code: 409 });
    const images = [{ role: "user", content: "What is it?", images: ["aGk="] }];
    await expect(client.chat({ model, messages: images })).rejects.toThrow("Images are not supported");
    await expect(client.generate({ model, prompt: "a", suffix: "b" })).rejects.toThrow("suffix");
    await expect(client.chat({ model, messages, options: { temperature: -1 } })).rejects.toThrow("options.temperature");
  });
});
