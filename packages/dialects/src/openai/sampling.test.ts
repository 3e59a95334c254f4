import { Sampling } from "@arriero/spec";
import { expect, test } from "vitest";
import { Fields } from "../fields.ts";
import { parseStops } from "../stop-list.ts";
import { parseMaxTokens, parseSampling } from "./sampling.ts";

function parse(body: Record<string, unknown>) {
  return parseSampling(Fields.body(body));
}

test("an empty request asks for nothing", () => {
  expect(parse({})).toEqual({});
});

test.each([
  ["temperature", 0, 2, 2.01],
  ["top_p", 0, 1, 1.01],
  ["top_k", -1, 1_000_000, 1_000_001],
  ["min_p", 0, 1, 1.01],
  ["typical_p", 0, 1, 1.01],
  ["repetition_penalty", 0.01, 10, 10.01],
  ["repeat_penalty", 0.01, 10, 0],
  ["repeat_last_n", -1, 32_768, 32_769],
  ["frequency_penalty", -2, 2, 2.01],
  ["presence_penalty", -2, 2, -2.01],
  ["dry_base", 1, 10, 0.99],
  ["dry_allowed_length", 0, 1024, 1025],
  ["dry_penalty_last_n", -1, 32_768, -2],
  ["dry_multiplier", 0, 100, 100.01],
  ["seed", -(2 ** 63), 2 ** 63, 2 ** 65],
])("%s: %d and %d are what the engine takes, %d is refused", (key, least, most, beyond) => {
  for (const value of [least, most]) {
    const sampling = JSON.parse(JSON.stringify(parse({ seed: 0, dry_multiplier: 1, [key]: value })));
    expect(Sampling.parse(sampling)).toMatchObject(sampling);
  }
  expect(() => parse({ [key]: beyond })).toThrow(expect.objectContaining({ code: "invalid_request" }));
});

test.each([
  [0, 0],
  [-1, 0xffffffff],
  [2 ** 32, 0],
  [2 ** 32 + 5, 5],
  [-5, 0xfffffffb],
])("seed %d draws with %d", (seed, drawn) => {
  expect(parse({ seed }).seed).toBe(drawn);
});

test("stop and max_tokens at their bounds", () => {
  const stop = (value: unknown) => parseStops(Fields.body({ stop: value }), "stop");
  expect(stop(Array(16).fill("x".repeat(256)))).toHaveLength(16);
  expect(() => stop(Array(17).fill("x"))).toThrow("at most 16 items");
  expect(() => stop("x".repeat(257))).toThrow("at most 256 characters");
  const maxTokens = (value: unknown) => parseMaxTokens(Fields.body({ max_tokens: value }), "max_tokens");
  expect([maxTokens(null), maxTokens(-1), maxTokens(1_000_000)]).toEqual([undefined, null, 1_000_000]);
  expect(() => maxTokens(1_000_001)).toThrow("from 1 to 1000000");
});
