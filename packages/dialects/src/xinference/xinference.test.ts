import { readFileSync } from "node:fs";
import { ArrieroError, type ModelAbility, type ModelDescription } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatError, formatSharedError } from "./errors.ts";
import { parseLaunch } from "./launch.ts";
import { formatModelFields, formatUnreadable } from "./model-fields.ts";
import { canServeAs, modelTypeOf } from "./model-type.ts";

const RECORDED = JSON.parse(readFileSync(new URL("fixtures/launch.json", import.meta.url), "utf8"));

function model(...abilities: ModelAbility[]): ModelDescription {
  return {
    name: "demo",
    architecture: "llama",
    parameters: 7_241_732_096,
    quantization: "Q4_0",
    sizeBytes: 4e9,
    contextLength: 8192,
    embeddingLength: 384,
    layers: 32,
    vocabularySize: 32_000,
    abilities,
    adapters: [],
    license: null,
  };
}

describe("launch", () => {
  test("what the client sends", () => {
    expect(parseLaunch(RECORDED)).toEqual({ uid: "my-llm", name: "arriero-demo", type: "LLM" });
  });

  test("without a uid, or with the name for one, the name is used", () => {
    expect(parseLaunch({ model_name: "demo+pirate", model_uid: null }).uid).toBeNull();
    expect(parseLaunch({ model_name: "demo+pirate", model_uid: "demo+pirate", model_type: "embedding" })).toEqual({
      uid: null,
      name: "demo+pirate",
      type: "embedding",
    });
  });

  test.each([
    [{}, "invalid_request", "model_name"],
    [{ model_name: "m", model_uid: "a/b" }, "invalid_request", "model_uid"],
    [{ model_name: "m", model_uid: "a+b" }, "invalid_request", "model_uid"],
    [{ model_name: "m", model_uid: 7 }, "invalid_request", "model_uid"],
    [{ model_name: "m", model_type: "poem" }, "invalid_request", "model_type"],
    [{ model_name: "m", model_type: "image" }, "unsupported", "model_type"],
    [{ model_name: "m", model_path: "/etc" }, "unsupported", "model_path"],
    [{ model_name: "m", peft_model_config: {} }, "unsupported", "peft_model_config"],
  ])("refuses %j", (body, code, param) => {
    expect(() => parseLaunch(body)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });
});

test("law: whatever is sent is a launch or a coded 4xx", () => {
  const value = fc.oneof(fc.jsonValue(), fc.string(), fc.constant("LLM"), fc.constant("__proto__"));
  const keys = ["model_uid", "model_name", "model_type", "replica", "__proto__", "model_path"];
  const body = fc.dictionary(fc.constantFrom(...keys), value);
  const outcomes = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (sent) => {
      try {
        expect(parseLaunch(sent).name).not.toBe("");
        outcomes.accepted++;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ArrieroError);
        expect((thrown as ArrieroError).status).toBe(400);
        outcomes.refused++;
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(10);
});

describe("what a model is", () => {
  test("one that chats", () => {
    const fields = formatModelFields("demo", model("chat", "completion", "tools", "reasoning"));
    expect(fields).toMatchObject({
      model_name: "demo",
      model_type: "LLM",
      model_ability: ["chat", "generate", "tools", "reasoning"],
      model_size_in_billions: 7.24,
      quantization: "Q4_0",
      context_length: 8192,
    });
  });

  test.each([
    [model("embedding"), "embedding", { dimensions: 384 }],
    [model("rerank"), "rerank", {}],
  ] as const)("one that is no LLM has no model_ability", (description, type, more) => {
    const fields = formatModelFields("uid", description);
    expect(fields).toMatchObject({ model_name: "uid", model_type: type, ...more });
    expect(fields).not.toHaveProperty("model_ability");
  });

  test("a launch decides over what it is", () => {
    expect(formatModelFields("vectors", model("chat", "completion"), "embedding")).toMatchObject({
      model_type: "embedding",
      dimensions: 384,
    });
  });

  test("an unreadable one can do nothing", () => {
    expect(formatUnreadable("bad")).toMatchObject({ model_name: "bad", model_type: "unknown", model_ability: [] });
  });

  test.each([
    [model("completion"), { LLM: true, embedding: true, rerank: false }],
    [model("embedding"), { LLM: false, embedding: true, rerank: false }],
    [model("rerank"), { LLM: false, embedding: false, rerank: true }],
  ])("may be launched as %#", (description, may) => {
    expect(canServeAs(description, modelTypeOf(description))).toBe(true);
    for (const type of ["LLM", "embedding", "rerank"] as const) expect(canServeAs(description, type)).toBe(may[type]);
  });
});

describe("errors", () => {
  const missing = new ArrieroError("model_not_found", "There is no model x here.", { param: "model" });

  test("on its own routes: detail, with hint and code", () => {
    expect(formatError(missing)).toEqual({
      status: 404,
      headers: {},
      body: { detail: "There is no model x here. See `arriero list`, or get it with `arriero pull`. [model_not_found]" },
    });
  });

  test("on shared ones OpenAI's error beside it", () => {
    expect(formatSharedError(missing).body).toMatchObject({
      detail: expect.stringContaining("no model x"),
      error: { code: "model_not_found", param: "model", type: "not_found_error" },
    });
  });

  test("an unknown fault says nothing of its cause", () => {
    expect(JSON.stringify(formatSharedError(new TypeError("secret of the inside")))).not.toContain("secret");
  });
});
