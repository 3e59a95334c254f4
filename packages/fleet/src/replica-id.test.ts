import { expect, it } from "vitest";
import { replicaId } from "./replica-id.ts";

it("keeps plain names readable and makes others safe and distinct", () => {
  expect(replicaId("arriero-demo", 0)).toBe("arriero-demo-0");
  expect(replicaId("org/model:q4", 1)).toMatch(/^org_model_q4\.[0-9a-f]{8}-1$/);
  expect(replicaId("org/model:q4", 0)).not.toBe(replicaId("org:model/q4", 0));
  expect(replicaId("../../etc", 0)).not.toContain("/");
  expect(replicaId("..", 0)).not.toMatch(/^\./);
});
