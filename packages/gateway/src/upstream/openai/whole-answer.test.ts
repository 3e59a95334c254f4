import { systemClock } from "@arriero/fleet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestOf } from "../../testing/scripted-generation.ts";
import { UpstreamBroken } from "../upstream-broken.ts";
import { OpenAiWholeAnswer } from "./whole-answer.ts";

const reader = (changes = {}) => new OpenAiWholeAnswer(requestOf(changes), systemClock);
const read = (body: unknown, changes = {}) => {
  const answer = reader(changes);
  answer.push(Buffer.from(JSON.stringify(body)));
  return answer.end();
};
const choice = (message: object, more: object = {}) => ({ index: 0, message, finish_reason: "stop", ...more });
const usage = { prompt_tokens: 9, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 4 } };

describe("OpenAiWholeAnswer", () => {
  it("reads reasoning, text, tool calls and usage", () => {
    const tool_calls = [
      { id: "a", type: "function", function: { name: "weather", arguments: '{"city":"Lima"}' } },
      { type: "function", function: { name: "time", arguments: "" } },
    ];
    const message = { role: "assistant", reasoning_content: "hm", content: "So:", tool_calls };
    expect(read({ choices: [choice(message)], usage })).toMatchObject([
      { type: "start" },
      { type: "reasoning", text: "hm" },
      { type: "text", text: "So:" },
      { type: "tool-call", index: 0, id: "a", name: "weather", arguments: '{"city":"Lima"}' },
      { type: "tool-call", index: 1, id: "call_0_1", name: "time", arguments: "" },
      { type: "finish", reason: "tool-calls" },
      { type: "usage", promptTokens: 9, completionTokens: 8, cachedTokens: 4 },
    ]);
  });

  it("reads a completion, several choices, and counts by length where nobody counts", () => {
    const choices = [
      { index: 1, text: "four", finish_reason: "length" },
      { index: 0, text: "eight ch", finish_reason: "stop" },
    ];
    expect(read({ choices }, { n: 2 }).slice(1)).toMatchObject([
      { choice: 1, text: "four" },
      { choice: 0, text: "eight ch" },
      { choice: 0, reason: "stop" },
      { choice: 1, reason: "length" },
      { completionTokens: 3 },
    ]);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no choice", JSON.stringify({ choices: [] })],
    ["a choice too many", JSON.stringify({ choices: [choice({ content: "a" }), choice({ content: "b" }, { index: 1 })] })],
    ["a choice not finished", JSON.stringify({ choices: [choice({ content: "a" }, { finish_reason: null })] })],
    ["an answer given up", JSON.stringify({ choices: [choice({ content: "a" }, { finish_reason: "abort" })] })],
    ["half a character", JSON.stringify({ choices: [choice({ content: "a\ud800" })] })],
    ["an error", JSON.stringify({ error: { message: "out of memory" } })],
  ])("refuses %s: another backend may do better", (_, body) => {
    const answer = reader();
    answer.push(Buffer.from(body));
    expect(() => answer.end()).toThrow(UpstreamBroken);
  });

  it("law: where the bytes are cut changes nothing", () => {
    const bytes = Buffer.from(JSON.stringify({ choices: [choice({ content: "¡Qué tal, 🦙!" })], usage }));
    const whole = read({ choices: [choice({ content: "¡Qué tal, 🦙!" })], usage }).slice(0, -1);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const answer = reader();
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (let index = 1; index < edges.length; index++) answer.push(bytes.subarray(edges[index - 1], edges[index]));
        expect(answer.end().slice(0, -1)).toEqual(whole);
      }),
    );
  });
});
