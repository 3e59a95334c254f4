import { ArrieroError } from "@arriero/spec";
import { expect, it } from "vitest";
import { type ModelCatalogue, resolveModel as resolveWithin } from "./known-models.ts";

function catalogue(names: readonly string[], adapters: Record<string, string> = {}): ModelCatalogue {
  const models = names.map((name) => ({
    name,
    adapters,
    modifiedAt: "2026-01-01T00:00:00Z",
    system: null,
    parameters: {},
    messages: [],
  }));
  return {
    list: async () => models,
    async resolve(name) {
      const found = models.find((model) => model.name === name || model.name === `${name}:latest`);
      if (found === undefined) throw new ArrieroError("model_not_found", "no");
      return found;
    },
    describe: () => Promise.reject(new ArrieroError("gguf_invalid", "not asked")),
  };
}

const resolveModel = (models: ModelCatalogue, asked: { model: string; adapter: string | null }) =>
  resolveWithin(models, asked, { models: null });

it("gives canonical names", async () => {
  const models = catalogue(["demo:latest"], { pirate: "/p" });
  expect(await resolveModel(models, { model: "demo", adapter: "pirate" })).toMatchObject({
    model: "demo:latest",
    adapter: "pirate",
  });
});

it("takes a plus for part of the name where such a model exists", async () => {
  const asked = { model: "a", adapter: "b" };
  expect(await resolveModel(catalogue(["a+b"]), asked)).toMatchObject({ model: "a+b", adapter: null });
});

it("says what there is, up to ten", async () => {
  const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
  await expect(resolveModel(catalogue(names), { model: "x", adapter: null })).rejects.toMatchObject({
    code: "model_not_found",
    message: 'There is no model "x" here. There are: m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 2 more.',
  });
  await expect(resolveModel(catalogue([]), { model: "x", adapter: null })).rejects.toThrow("There are none here.");
  await expect(resolveModel(catalogue(["m"], { pirate: "/p", terse: "/t" }), { model: "m", adapter: "y" })).rejects.toMatchObject(
    {
      code: "adapter_not_found",
      message: 'Model m has no adapter "y". It has: pirate, terse.',
    },
  );
});

it("passes other faults of the store on", async () => {
  const broken: ModelCatalogue = {
    list: async () => [],
    resolve: () => Promise.reject(new ArrieroError("disk_full", "no room")),
    describe: () => Promise.reject(new ArrieroError("disk_full", "no room")),
  };
  await expect(resolveModel(broken, { model: "m", adapter: null })).rejects.toMatchObject({ code: "disk_full" });
});

it("takes the server's default for no model, or the only one", async () => {
  const unnamed = { model: "", adapter: null };
  expect(await resolveModel({ ...catalogue(["a", "b"]), defaultModel: "b" }, unnamed)).toMatchObject({
    model: "b",
    adapter: null,
  });
  expect(await resolveModel(catalogue(["a"]), unnamed)).toMatchObject({ model: "a" });
  expect(await resolveModel({ ...catalogue(["a"]), defaultModel: "gone" }, unnamed)).toMatchObject({ model: "a" });
  await expect(resolveModel(catalogue(["a", "b"]), unnamed)).rejects.toMatchObject({
    code: "model_not_found",
    message: expect.stringContaining("There are: a, b."),
  });
  await expect(resolveModel(catalogue([]), unnamed)).rejects.toThrow("There are none here.");
});

it("takes an adapter by its bare name: of the default model, or of the only one that has it", async () => {
  const models = catalogue(["a", "b"], { pirate: "/p" });
  const only = { ...models, list: async () => (await models.list()).slice(1) };
  for (const asked of [
    { model: "", adapter: "pirate" },
    { model: "pirate", adapter: null },
  ]) {
    expect(await resolveModel({ ...models, defaultModel: "b" }, asked)).toMatchObject({ model: "b", adapter: "pirate" });
    expect(await resolveModel({ ...only, defaultModel: "a" }, asked)).toMatchObject({ model: "b", adapter: "pirate" });
    await expect(resolveModel(models, asked)).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("a+pirate, b+pirate"),
    });
  }
});

it("takes the default model's own name for no adapter, and knows no adapter that nobody has", async () => {
  const models = { ...catalogue(["a"], { pirate: "/p" }), defaultModel: "a" };
  expect(await resolveModel(models, { model: "", adapter: "a" })).toMatchObject({ model: "a", adapter: null });
  await expect(resolveModel(models, { model: "", adapter: "x" })).rejects.toMatchObject({ code: "adapter_not_found" });
  await expect(resolveModel(models, { model: "x", adapter: null })).rejects.toMatchObject({ code: "model_not_found" });
});
