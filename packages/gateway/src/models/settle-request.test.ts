import type { AskedGeneration } from "@arriero/spec";
import { Sampling } from "@arriero/spec";
import { expect, test } from "vitest";
import type { KnownModel } from "./known-models.ts";
import { settleRequest } from "./settle-request.ts";

const ASKED: AskedGeneration = {
  id: "r1",
  model: "llama",
  adapter: null,
  input: {
    kind: "chat",
    messages: [{ role: "user", content: "hi" }],
    tools: [],
    toolChoice: { kind: "auto" },
    parallelToolCalls: true,
  },
  sampling: {},
  format: { kind: "text" },
  maxTokens: null,
  stop: [],
  logprobs: null,
  n: 1,
  ignoreEos: false,
  priority: "interactive",
  client: "local",
  resume: null,
  wantPromptTokens: false,
};
const PLAIN: KnownModel = {
  name: "llama:latest",
  adapters: {},
  modifiedAt: "2026-01-01T00:00:00Z",
  system: null,
  parameters: {},
  messages: [],
};

function settled(asked: Partial<AskedGeneration>, known: Partial<KnownModel>, habits = {}) {
  return settleRequest(
    { ...ASKED, ...asked },
    { known: { ...PLAIN, ...known }, model: "llama:latest", adapter: "terse" },
    habits,
    () => 77,
  );
}

test("nothing named anywhere is the bare softmax with a seed drawn for it", () => {
  const request = settled({}, {});
  expect(request.sampling).toEqual(Sampling.parse({ seed: 77 }));
  expect([request.model, request.adapter, request.maxTokens, request.stop]).toEqual(["llama:latest", "terse", null, []]);
});

test("the caller comes before the publisher, the publisher before the API's habits", () => {
  const parameters = { temperature: 0.3, top_k: 20, seed: 5, num_predict: 64, stop: ["END"] };
  const request = settled({ sampling: { temperature: 0, topP: undefined } }, { parameters }, { topK: 40, topP: 0.9 });
  expect(request.sampling).toMatchObject({ temperature: 0, topK: 20, topP: 0.9, seed: 5 });
  expect([request.maxTokens, request.stop]).toEqual([64, ["END"]]);
  expect(settled({ maxTokens: 8, stop: ["X", "END"] }, { parameters })).toMatchObject({ maxTokens: 8, stop: ["X", "END"] });
});

test("a published value that makes no sense is as good as none", () => {
  const parameters = { temperature: -4, top_k: "many", num_predict: -2, stop: ["", 3, "x".repeat(300)] };
  const request = settled({}, { parameters });
  expect(request.sampling).toMatchObject({ temperature: 1, topK: 0 });
  expect([request.maxTokens, request.stop]).toEqual([null, []]);
  expect(settled({}, { parameters: { num_predict: 2_000_000 } }).maxTokens).toBeNull();
});

test("the model's system message and example turns open a conversation that brings none", () => {
  const known = { system: "Be brief.", messages: [{ role: "user" as const, content: "2+2?" }] };
  const contents = (asked: Partial<AskedGeneration>) => {
    const { input } = settled(asked, known);
    return input.kind === "chat" ? input.messages.map((message) => message.content) : input;
  };
  expect(contents({})).toEqual(["Be brief.", "2+2?", "hi"]);
  const own = {
    ...ASKED.input,
    messages: [
      { role: "system", content: "Rhyme." },
      { role: "user", content: "hi" },
    ],
  };
  expect(contents({ input: own as AskedGeneration["input"] })).toEqual(["Rhyme.", "2+2?", "hi"]);
  expect(contents({ input: { kind: "text", text: "once" } })).toEqual({ kind: "text", text: "once" });
});
