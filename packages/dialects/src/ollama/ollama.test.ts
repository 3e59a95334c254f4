import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { CONTEXT, finish, START, scripted, settled, text, USAGE } from "../testing/scripted-events.ts";
import { CHAT_SHAPE, GENERATE_SHAPE } from "./answer-shape.ts";
import { collectAnswer } from "./answer-whole.ts";
import { parseChat } from "./chat/parse.ts";
import { formatError } from "./errors.ts";
import { streamAnswer } from "./format.ts";
import { parseGenerate } from "./generate/parse.ts";

const clock = { startedAt: 1_000, now: () => 1_010 };
const presentation = { model: "m", stream: true, logprobs: false };
const chat = (extra: Record<string, unknown>) =>
  parseChat({ model: "m", messages: [{ role: "user", content: "hi" }], ...extra }, CONTEXT);
const generate = (extra: Record<string, unknown>) => parseGenerate({ model: "m", prompt: "hi", ...extra }, CONTEXT);

async function lines(events: readonly GenerationEvent[], shape = CHAT_SHAPE): Promise<Record<string, unknown>[]> {
  let all = "";
  for await (const line of streamAnswer(scripted(events), presentation, shape, clock)) all += line;
  return all
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const DONE = {
  done: true,
  done_reason: "stop",
  total_duration: 10e6,
  load_duration: 9e6,
  prompt_eval_count: 9,
  prompt_eval_duration: 1e6,
  eval_count: 3,
  eval_duration: 2e6,
};
const call = (index: number, args: string, first = true): GenerationEvent => ({
  type: "tool-call",
  choice: 0,
  tokens: [1],
  index,
  arguments: args,
  ...(first ? { id: `c${index}`, name: "f" } : {}),
});

describe("answers", () => {
  const head = { model: "m", created_at: "1970-01-01T00:00:01.010Z" };

  test("a line a text, the last with counts in nanoseconds", async () => {
    expect(await lines([START, text("a"), text(""), text("b"), finish(), USAGE], GENERATE_SHAPE)).toEqual([
      { ...head, response: "a", done: false },
      { ...head, response: "b", done: false },
      { ...head, response: "", ...DONE },
    ]);
  });

  test("calls are whole, with their arguments as an object, streamed and not", async () => {
    const events = [START, call(0, '{"a"'), call(0, ":1}", false), call(1, ""), finish("tool-calls"), USAGE];
    const calls = [
      { id: "c0", function: { index: 0, name: "f", arguments: { a: 1 } } },
      { id: "c1", function: { index: 1, name: "f", arguments: {} } },
    ];
    const streamed = await lines(events);
    expect(streamed.flatMap(({ message }) => (message as { tool_calls?: unknown[] }).tool_calls ?? [])).toEqual(calls);
    const whole = await collectAnswer(scripted(events), presentation, CHAT_SHAPE, clock);
    expect(whole).toEqual({ ...head, message: { role: "assistant", content: "", tool_calls: calls }, ...DONE });
  });

  test("a call cut short is left out, and the reason says so", async () => {
    const whole = await collectAnswer(
      scripted([START, call(0, '{"a'), finish("length"), USAGE]),
      presentation,
      CHAT_SHAPE,
      clock,
    );
    expect(whole).toMatchObject({ message: { content: "" }, done_reason: "length" });
    expect(whole.message).not.toHaveProperty("tool_calls");
  });

  test("a stream that breaks ends with an error line and never with done", async () => {
    const broken = await lines([START, text("a"), finish()]);
    expect(broken.at(-1)).toMatchObject({ error: expect.stringContaining("stopped before") });
    expect(broken.every(({ done }) => done !== true)).toBe(true);
    await expect(lines([START])).rejects.toMatchObject({ code: "replica_failed" });
  });

  test("errors are one string, with the status of their code", () => {
    const { body, headers, status } = formatError(new ArrieroError("queue_full", "Full.", { retryAfter: 2 }));
    expect([status, headers["retry-after"], body.code]).toEqual([429, "2", "queue_full"]);
    expect(body.error).toMatch(/^Full\. /);
    expect(formatError(new Error("secret")).body.error).not.toContain("secret");
  });
});

describe("requests", () => {
  test("streams unless told not to; options are read, nulls are absent", () => {
    const { presentation: shown, request } = chat({
      options: { temperature: 0.2, top_k: -1, num_predict: -1, stop: "x", seed: -1, mirostat: 0, num_ctx: 4096, top_p: null },
    });
    expect(shown.stream).toBe(true);
    expect(request).toMatchObject({ maxTokens: null, stop: ["x"], sampling: { temperature: 0.2, topK: 0 } });
    expect(request?.sampling.seed).toBeUndefined();
    expect(settled(request!).sampling.topP).toBe(1);
  });

  test.each<[unknown, unknown]>([
    [0, 0],
    ["0", 0],
    [30, 30_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    [-1, "forever"],
    ["-1m", "forever"],
    [null, undefined],
  ])("keep_alive %j is %j", (keep_alive, wanted) => expect(chat({ keep_alive }).keepAlive).toBe(wanted));

  test("nothing to say only loads", () => {
    expect(chat({ messages: [] }).request).toBeNull();
    expect(generate({ prompt: "" }).request).toBeNull();
  });

  test("raw is text; system stands before the prompt", () => {
    expect(generate({ raw: true }).request?.input).toEqual({ kind: "text", text: "hi" });
    expect(generate({ system: "s" }).request?.input).toMatchObject({
      messages: [{ role: "system", content: "s" }, { role: "user" }],
    });
  });

  test("tool messages without ids answer the calls before them, by name and in order", () => {
    const tool_calls = [{ function: { name: "a", arguments: {} } }, { function: { name: "b", arguments: { x: 1 } } }];
    const messages = [
      { role: "assistant", content: "", tool_calls },
      { role: "tool", tool_name: "b", content: "2" },
      { role: "tool", content: "1" },
    ];
    const input = chat({ messages }).request?.input;
    expect(input?.kind === "chat" && input.messages.slice(1)).toMatchObject([
      { toolCallId: "call_0_1" },
      { toolCallId: "call_0_0" },
    ]);
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ options: { mirostat: 2 } }, "unsupported", "options.mirostat"],
    [{ options: { temperature: "hot" } }, "invalid_request", "options.temperature"],
    [{ options: { num_predict: 1.5 } }, "invalid_request", "options.num_predict"],
    [{ format: "yaml" }, "invalid_request", "format"],
    [{ keep_alive: "soon" }, "invalid_request", "keep_alive"],
    [{ messages: [{ role: "user", content: "a", images: ["x"] }] }, "unsupported", "messages[0].images"],
    [{ messages: [{ role: "robot" }] }, "invalid_request", "messages[0].role"],
    [{ think: "hard" }, "invalid_request", "think"],
    [{ model: "" }, "invalid_request", "model"],
    [{ tools: [{ type: "function", function: { name: "a b" } }] }, "invalid_request", "tools[0].function.name"],
  ])("refuses %j", (extra, code, param) => {
    expect(() => chat(extra)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });

  test.each(["suffix", "template"])("refuses %s", (field) => {
    expect(() => generate({ [field]: "x" })).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});
