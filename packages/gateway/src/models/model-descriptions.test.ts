import { expect, it } from "vitest";
import { catalogue } from "../testing/test-gateway.ts";
import { ModelDescriptions } from "./model-descriptions.ts";

it("reads a model's description once for each version of it", async () => {
  const read: string[] = [];
  const descriptions = new ModelDescriptions({
    ...catalogue,
    describe(name) {
      read.push(name);
      return catalogue.describe(name);
    },
  });
  const demo = await catalogue.resolve("arriero-demo");
  const other = await catalogue.resolve("other");
  expect((await descriptions.of(demo)).name).toBe("arriero-demo");
  await descriptions.of(other);
  await descriptions.of(demo);
  expect(read).toEqual(["arriero-demo", "other"]);
  await descriptions.of({ ...demo, modifiedAt: "2027-01-01T00:00:00Z" });
  expect(read).toEqual(["arriero-demo", "other", "arriero-demo"]);
});
