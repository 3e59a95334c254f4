import type { GenerationEvent } from "@arriero/spec";
import { expect, it } from "vitest";
import { Tally } from "./tally.ts";

const start = (promptTokens: number): GenerationEvent => ({ type: "start", id: "r", model: "m", promptTokens, cachedTokens: 0 });
const text = (...tokens: number[]): GenerationEvent => ({ type: "text", choice: 0, tokens, text: "x" });
const timings = { queueMs: 0, prefillMs: 0, decodeMs: 0, ttftMs: 0 };
const usage: GenerationEvent = {
  type: "usage",
  promptTokens: 3,
  cachedTokens: 0,
  completionTokens: 5,
  reasoningTokens: 0,
  timings,
};

it.each([
  ["with ids, whole", [start(3), text(1, 2), text(3, 4, 5), usage], 3, 5],
  ["with ids, left early", [start(3), text(1, 2), text()], 3, 2],
  ["without ids, whole", [start(0), text(), text(), usage], 3, 5],
  ["without ids, left early", [start(0), text(), text()], 0, 2],
])("counts an answer %s", (_name, events, promptTokens, completionTokens) => {
  const tally = new Tally();
  // Another generation of the same request.
  tally.countPrompt(100, 1);
  const count = tally.generation();
  for (const event of events) count.count([event], 1);
  expect(tally).toMatchObject({ promptTokens: 100 + promptTokens, completionTokens });
});
