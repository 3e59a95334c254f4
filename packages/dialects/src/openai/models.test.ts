import { expect, test } from "vitest";
import { formatModel, formatModels } from "./models.ts";

const MODELS = [
  { name: "demo", adapters: ["pirate"], created: 5 },
  { name: "qwen:latest", adapters: [], created: 6 },
];

test("each model, then its adapters", () => {
  expect(formatModels(MODELS)).toEqual({
    object: "list",
    data: [
      { id: "demo", object: "model", created: 5, owned_by: "arriero", parent: null },
      { id: "demo+pirate", object: "model", created: 5, owned_by: "arriero", parent: "demo" },
      { id: "qwen:latest", object: "model", created: 6, owned_by: "arriero", parent: null },
    ],
  });
});

test("one by name, the tag latest being optional", () => {
  expect(formatModel(MODELS, "qwen").id).toBe("qwen:latest");
  expect(formatModel(MODELS, "demo:latest+pirate").id).toBe("demo+pirate");
});

test("what is missing is named", () => {
  expect(() => formatModel(MODELS, "nope")).toThrow(expect.objectContaining({ code: "model_not_found" }));
  expect(() => formatModel(MODELS, "demo+nope")).toThrow(expect.objectContaining({ code: "adapter_not_found" }));
});
