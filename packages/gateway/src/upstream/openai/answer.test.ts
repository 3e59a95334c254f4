import { systemClock } from "@arriero/fleet";
import { describe, expect, it } from "vitest";
import { requestOf } from "../../testing/scripted-generation.ts";
import { OpenAiAnswer } from "./answer.ts";

const read = (chunks: readonly unknown[], changes = {}) => {
  const answer = new OpenAiAnswer(requestOf(changes), systemClock);
  const events = chunks.flatMap((chunk) => answer.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)));
  return [...events, ...answer.end()];
};
const delta = (content: object, more: object = {}, index = 0) => ({ choices: [{ index, delta: content, ...more }] });
const call = (piece: object) => delta({ tool_calls: [piece] });

describe("OpenAiAnswer", () => {
  it("reads reasoning, tool calls in pieces, and usage", () => {
    const events = read([
      delta({ role: "assistant", content: null, reasoning_content: "hm" }),
      call({ index: 0, id: "a", type: "function", function: { name: "weather", arguments: "" } }),
      call({ index: 0, function: { arguments: '{"city":' } }),
      call({ index: 0, function: { arguments: '"Lima"}' } }),
      call({ index: 1, id: "b", function: { name: "time", arguments: "{}" } }),
      delta({}, { finish_reason: "stop" }),
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 4 } } },
    ]);
    expect(events).toMatchObject([
      { type: "start" },
      { type: "reasoning", text: "hm" },
      { type: "tool-call", index: 0, id: "a", name: "weather", arguments: "" },
      { type: "tool-call", index: 0, arguments: '{"city":' },
      { type: "tool-call", index: 0, arguments: '"Lima"}' },
      { type: "tool-call", index: 1, id: "b", name: "time", arguments: "{}" },
      { type: "finish", reason: "tool-calls" },
      { type: "usage", promptTokens: 9, completionTokens: 8, cachedTokens: 4 },
    ]);
  });

  it("keeps choices apart and counts pieces where no usage comes", () => {
    const events = read(
      [
        delta({ content: "a" }),
        delta({ content: "b" }, {}, 1),
        delta({}, { finish_reason: "length" }, 1),
        delta({}, { finish_reason: "stop" }),
      ],
      { n: 2 },
    );
    expect(events.slice(1)).toMatchObject([
      { choice: 0, text: "a" },
      { choice: 1, text: "b" },
      { choice: 0, reason: "stop" },
      { choice: 1, reason: "length" },
      { completionTokens: 2 },
    ]);
  });

  it.each([
    ["output after its finish", [delta({ content: "a" }), delta({}, { finish_reason: "stop" }), delta({ content: "b" })]],
    ["before the answer was complete", [delta({ content: "a" })]],
    ["an unknown finish reason", [delta({}, { finish_reason: "tired" })]],
    ["gave the answer up", [delta({}, { finish_reason: "abort" })]],
    ["choice 3 of 1", [delta({ content: "a" }, {}, 3)]],
    ["no string", [delta({ content: ["a"] })]],
    ["half a character", [delta({ content: "\ud83d" }), delta({ content: "x" })]],
    ["a tool call without a name", [call({ index: 0, function: { arguments: "{}" } })]],
  ])("does not take for whole: %s", (message, chunks) => {
    expect(() => read(chunks)).toThrow(message);
  });

  it("tells a repeated chunk from a repeated word where chunks carry a count", () => {
    const counted = (content: string, completion_tokens: number) => ({ ...delta({ content }), usage: { completion_tokens } });
    const events = read([counted("ha", 1), counted("ha", 2), counted("ha", 2), delta({}, { finish_reason: "stop" })]);
    expect(events.filter(({ type }) => type === "text")).toHaveLength(2);
  });

  it("takes an error before any output for the request's where it says so, later never", () => {
    const error = { error: { message: "bad schema", type: "invalid_request_error", code: 400 } };
    expect(() => read([error])).toThrow(expect.objectContaining({ code: "invalid_request" }));
    expect(() => read([delta({ content: "a" }), error])).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ code: "replica_failed" }) }),
    );
  });
});
