import { expect, it } from "vitest";
import { catalogue } from "../testing/test-gateway.ts";
import { LaunchedModels } from "./launched-models.ts";

const uid = { uid: "mine", model: "arriero-demo", type: "LLM" } as const;

it("resolves and describes a uid as the model it stands for", async () => {
  const models = new LaunchedModels(catalogue);
  await models.name(uid);
  expect((await models.resolve("mine")).name).toBe("arriero-demo");
  expect((await models.describe("mine")).name).toBe("arriero-demo");
  expect((await models.list()).map(({ name }) => name)).toEqual(["arriero-demo", "other"]);
});

it("takes no name that the store or an adapter answers to, however it is written", async () => {
  const { resolve } = catalogue;
  const lenient = { ...catalogue, resolve: (name: string) => resolve(name.toLowerCase()) };
  const models = new LaunchedModels(lenient);
  for (const taken of ["Arriero-Demo", "arriero-demo:latest", "pirate"]) {
    await expect(models.name({ ...uid, uid: taken, model: "other" })).rejects.toMatchObject({ code: "conflict" });
  }
});

it("gives the name back to a model that came into the store since", async () => {
  let stored: readonly string[] = [];
  const { describe, resolve } = catalogue;
  const growing = {
    ...catalogue,
    resolve: async (name: string) => (stored.includes(name) ? { ...(await resolve("other")), name } : resolve(name)),
    describe: (name: string) => describe(stored.includes(name) ? "other" : name),
  };
  const models = new LaunchedModels(growing);
  expect(await models.name(uid)).toBe(true);
  expect(await models.name(uid)).toBe(false);
  stored = ["mine"];
  expect((await models.resolve("mine")).name).toBe("mine");
  expect((await models.describe("mine")).name).toBe("other");
});

it("forgets it again", async () => {
  const models = new LaunchedModels(catalogue);
  await models.name(uid);
  expect(models.forget("mine")).toEqual(uid);
  expect(models.forget("mine")).toBeNull();
  await expect(models.resolve("mine")).rejects.toMatchObject({ code: "model_not_found" });
});

it("lets a name stand for one thing: the same launch again is no conflict, another is", async () => {
  const models = new LaunchedModels(catalogue);
  await models.name(uid);
  await models.name(uid);
  for (const other of [
    { ...uid, model: "other" },
    { ...uid, type: "embedding" as const },
    { ...uid, uid: "other" },
  ]) {
    await expect(models.name(other)).rejects.toMatchObject({ code: "conflict", body: { param: "model_uid" } });
  }
  expect(models.launched()).toEqual([uid]);
});

it("keeps 256 uids at most", async () => {
  const models = new LaunchedModels(catalogue);
  for (let i = 0; i < 256; i++) await models.name({ ...uid, uid: `u${i}` });
  await expect(models.name(uid)).rejects.toMatchObject({ code: "conflict" });
  models.forget("u7");
  await models.name(uid);
});
