import { expect, test } from "vitest";
import { formatModel, formatModels } from "./models.ts";

const MODELS = [
  { name: "demo", adapters: ["pirate"], created: 5 },
  { name: "qwen:latest", adapters: [], created: 6 },
];

test("each model, then its adapters, in the fields of OpenAI and of Anthropic", () => {
  const entry = (id: string, created: number, parent: string | null) => ({
    ...{ id, object: "model", created, owned_by: "arriero", parent },
    ...{ type: "model", display_name: id, created_at: `1970-01-01T00:00:0${created}.000Z` },
  });
  expect(formatModels(MODELS)).toEqual({
    object: "list",
    data: [entry("demo", 5, null), entry("demo+pirate", 5, "demo"), entry("qwen:latest", 6, null)],
    has_more: false,
    first_id: "demo",
    last_id: "qwen:latest",
  });
});

test("a page without models has no ends", () => {
  expect(formatModels([])).toMatchObject({ data: [], has_more: false, first_id: null, last_id: null });
});

test("one by name, the tag latest being optional", () => {
  expect(formatModel(MODELS, "qwen").id).toBe("qwen:latest");
  expect(formatModel(MODELS, "demo:latest+pirate").id).toBe("demo+pirate");
});

test("what is missing is named", () => {
  expect(() => formatModel(MODELS, "nope")).toThrow(expect.objectContaining({ code: "model_not_found" }));
  expect(() => formatModel(MODELS, "demo+nope")).toThrow(expect.objectContaining({ code: "adapter_not_found" }));
});
