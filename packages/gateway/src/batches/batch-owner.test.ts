import { expect, it } from "vitest";
import { apiKey } from "../testing/fake-store.ts";
import { BatchOwners } from "./batch-owner.ts";

it("lines are charged to their key as long as it lives, which is asked now and then", async () => {
  let now = 1_000;
  let key = apiKey({ organisationId: "acme", expiresAt: 100_000 });
  let asked = 0;
  const loadKey = async () => {
    asked++;
    return key;
  };
  const owners = new BatchOwners({ clock: { now: () => now }, loadKey });
  const owner = { kind: "key", id: "key_1", organisation: "acme" } as const;
  expect(await owners.find(owner)).toMatchObject({ kind: "key", id: "key_1", organisation: "acme" });
  now += 29_000;
  key = { ...key, revokedAt: now };
  expect(await owners.find(owner)).toMatchObject({ id: "key_1" });
  expect(asked).toBe(1);
  now += 2_000;
  await expect(owners.find(owner)).rejects.toMatchObject({ code: "key_revoked" });
  key = { ...key, revokedAt: null };
  now += 70_000;
  await expect(owners.find(owner)).rejects.toMatchObject({ code: "key_expired" });
});
