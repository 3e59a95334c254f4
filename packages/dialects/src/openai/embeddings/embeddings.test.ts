import { EmbeddingRequest } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { CONTEXT } from "../../testing/scripted-events.ts";
import { formatEmbeddings } from "./format.ts";
import { parseEmbeddings } from "./parse.ts";

function parse(extra: Record<string, unknown>) {
  return parseEmbeddings({ model: "m", input: "a", ...extra }, CONTEXT);
}

describe("parse", () => {
  test.each([
    ["a", ["a"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [[1, 2], [[1, 2]]],
    [
      [[1], [2]],
      [[1], [2]],
    ],
  ])("input %j", (input, inputs) => {
    const { request } = parse({ input, dimensions: null, encoding_format: null, user: "u" });
    expect(request.inputs).toEqual(inputs);
    expect(EmbeddingRequest.parse(request)).toEqual(request);
  });

  test.each([
    [{ input: [] }, "invalid_request", "input"],
    [{ input: { a: 1 } }, "invalid_request", "input"],
    [{ input: ["a", 7] }, "invalid_request", "input[1]"],
    [{ input: Array(2049).fill("a") }, "invalid_request", "input"],
    [{ encoding_format: "int8" }, "invalid_request", "encoding_format"],
    [{ dimensions: 0 }, "invalid_request", "dimensions"],
    [{ model: "" }, "invalid_request", "model"],
  ])("refuses %j", (extra, code, param) => {
    expect(() => parse(extra)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });
});

describe("format", () => {
  const result = { model: "m", vectors: [[0.6, 0, 0.8]], promptTokens: 5 };

  test("floats", () => {
    expect(formatEmbeddings(result, parse({}).presentation)).toEqual({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding: [0.6, 0, 0.8] }],
      model: "m",
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
  });

  test("base64 is little-endian float32", () => {
    const { data } = formatEmbeddings({ ...result, vectors: [[1, -2]] }, parse({ encoding_format: "base64" }).presentation);
    expect(Buffer.from(String(data[0]?.embedding), "base64").toString("hex")).toBe("0000803f000000c0");
  });

  test("dimensions keeps the leading components at unit length", () => {
    const { data } = formatEmbeddings(result, parse({ dimensions: 2 }).presentation);
    expect(data[0]?.embedding).toEqual([1, 0]);
    expect(() => formatEmbeddings(result, parse({ dimensions: 4 }).presentation)).toThrow("at most 3");
  });
});
