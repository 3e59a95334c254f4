import { expect, it } from "vitest";
import { LaunchedModels } from "./launched-models.ts";
import { catalogue } from "./testing/test-gateway.ts";

const uid = { uid: "mine", model: "arriero-demo", type: "LLM" } as const;

it("resolves and describes a uid as the model it stands for", async () => {
  const models = new LaunchedModels(catalogue);
  await models.name(uid);
  expect((await models.resolve("mine")).name).toBe("arriero-demo");
  expect((await models.describe("mine")).name).toBe("arriero-demo");
  expect((await models.list()).map(({ name }) => name)).toEqual(["arriero-demo", "other"]);
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
