import { expect, test } from "vitest";
import { CONTEXT, settled } from "../testing/scripted-events.ts";
import { parseGenerate } from "./parse.ts";
import { fixture } from "./testing/fixture.ts";

const parse = (parameters: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) =>
  parseGenerate({ inputs: "One", parameters, ...rest }, CONTEXT, "as-asked");

test("the Python client's body: nulls are absent, and the likeliest token is taken", () => {
  const { presentation, request, truncate } = parseGenerate(JSON.parse(fixture("lorax-client.json")).body, CONTEXT, "as-asked");
  expect(request).toMatchObject({ model: "", adapter: "pirate", input: { kind: "text", text: "What is Arriero?" } });
  expect(request).toMatchObject({ maxTokens: null, stop: [], logprobs: 0, sampling: { temperature: 0 } });
  expect(presentation).toMatchObject({ details: true, stream: false, prefix: "", alternatives: null });
  expect(truncate).toBeNull();
  expect(() => settled(request)).not.toThrow();
});

test("curl's body: no tokens are shown, so none are scored", () => {
  const { habits, request } = parseGenerate(JSON.parse(fixture("curl.json")).body, CONTEXT, "whole");
  expect(request).toMatchObject({ adapter: null, maxTokens: 64, logprobs: null });
  expect(request.sampling.temperature).toBeUndefined();
  expect(habits).toMatchObject({ temperature: 0 });
});

test.each([
  [{}, undefined, 0],
  [{ do_sample: false }, 0, 0],
  [{ do_sample: true }, undefined, 1],
  [{ temperature: 1 }, 0, 0],
  [{ temperature: 1, do_sample: true }, 1, 1],
  [{ temperature: 0.7 }, 0.7, 1],
  [{ temperature: 0 }, 0, 1],
  [{ temperature: 0, do_sample: true }, 0, 1],
  [{ top_k: 5 }, undefined, 1],
  [{ top_k: 0 }, undefined, 0],
  [{ top_p: 0.9, do_sample: false }, undefined, 1],
  [{ top_p: 1, do_sample: false }, 0, 0],
  [{ typical_p: 0.5 }, undefined, 1],
])("%j: temperature %j, or else %d", (parameters, asked, habit) => {
  const { habits, request } = parse(parameters);
  expect([request.sampling.temperature, habits.temperature]).toEqual([asked, habit]);
});

test("every other parameter has its place", () => {
  const { request } = parse({
    max_new_tokens: 7,
    top_k: 4,
    top_p: 0.5,
    typical_p: 0.6,
    repetition_penalty: 1.2,
    frequency_penalty: 0.3,
    presence_penalty: 0.4,
    seed: 2 ** 32 + 5,
    stop: ["a", "", "b"],
    ignore_eos_token: true,
  });
  expect(request).toMatchObject({ maxTokens: 7, stop: ["a", "b"], ignoreEos: true });
  expect(request.sampling).toMatchObject({ topK: 4, topP: 0.5, typicalP: 0.6, repeatPenalty: 1.2, seed: 5 });
  expect(request.sampling).toMatchObject({ frequencyPenalty: 0.3, presencePenalty: 0.4 });
});

test.each([
  [{ adapter_id: "" }, null],
  [{ adapter_id: "__base_model__", adapter_source: "hub" }, null],
  [{ adapter_id: "pirate", adapter_source: "local" }, "pirate"],
])("%j is adapter %j", (parameters, adapter) => {
  expect(parse(parameters).request.adapter).toBe(adapter);
});

const SCHEMA = { type: "object" };
test.each([
  [{ response_format: { type: "json_object", schema: SCHEMA } }, { kind: "json-schema", schema: SCHEMA }],
  [{ response_format: { type: "json_object" } }, { kind: "json" }],
  [{ response_format: { type: "text" } }, { kind: "text" }],
  [{ schema: SCHEMA }, { kind: "json-schema", schema: SCHEMA }],
  [{ grammar: { type: "json", value: SCHEMA } }, { kind: "json-schema", schema: SCHEMA }],
])("%j holds the output", (parameters, format) => {
  expect(parse(parameters).request.format).toEqual(format);
});

test("an API token is taken and goes nowhere", () => {
  for (const token of ["hf_secret", 123456789]) expect(JSON.stringify(parse({ api_token: token }))).not.toContain(String(token));
});

test("what the path says of streams wins over the body", () => {
  const sent = { inputs: "One", stream: true };
  const streams = (rule: "whole" | "stream" | "as-asked") => parseGenerate(sent, CONTEXT, rule).presentation.stream;
  expect([streams("whole"), streams("stream"), streams("as-asked")]).toEqual([false, true, true]);
});

test.each([
  [{ adapter_id: "a", adapter_source: "hub" }, "unsupported", "parameters.adapter_source"],
  [{ best_of: 2 }, "unsupported", "parameters.best_of"],
  [{ watermark: true }, "unsupported", "parameters.watermark"],
  [{ apply_chat_template: true }, "unsupported", "parameters.apply_chat_template"],
  [{ merged_adapters: { ids: ["a"] } }, "unsupported", "parameters.merged_adapters"],
  [{ top_n_tokens: 2 }, "unsupported", "parameters.top_n_tokens"],
  [{ grammar: { type: "regex", value: "a+" } }, "unsupported", "parameters.grammar.type"],
  [{ grammar: { value: SCHEMA } }, "invalid_request", "parameters.grammar.type"],
  [{ grammar: { type: "json" } }, "invalid_request", "parameters.grammar.value"],
  [{ response_format: { type: "json_schema" } }, "invalid_request", "parameters.response_format.schema"],
  [{ schema: SCHEMA, grammar: { type: "json", value: SCHEMA } }, "invalid_request", "parameters.schema"],
  [{ max_new_tokens: 0 }, "invalid_request", "parameters.max_new_tokens"],
  [{ temperature: -1 }, "invalid_request", "parameters.temperature"],
  [{ top_p: 0 }, "invalid_request", "parameters.top_p"],
  [{ repetition_penalty: 0 }, "invalid_request", "parameters.repetition_penalty"],
  [{ truncate: 0 }, "invalid_request", "parameters.truncate"],
  [{ stop: [1] }, "invalid_request", "parameters.stop[0]"],
  [{ seed: -1 }, "invalid_request", "parameters.seed"],
])("refuses %j", (parameters, code, param) => {
  const attempt = () => parse(parameters);
  expect(attempt).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
});

test("refuses an empty prompt, and prompt tokens in a stream", () => {
  const code =
    (rest: Record<string, unknown>, parameters = {}) =>
    () =>
      parse(parameters, rest);
  expect(code({ inputs: "" })).toThrow(expect.objectContaining({ code: "invalid_request" }));
  expect(code({ stream: true }, { decoder_input_details: true })).toThrow(expect.objectContaining({ code: "unsupported" }));
});
