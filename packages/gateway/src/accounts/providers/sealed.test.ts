import { expect, it } from "vitest";
import { seal, unseal } from "./sealed.ts";

it("is read with its secret, and by nobody else", () => {
  const value = { state: "s", until: 1 };
  const sealed = seal("secret", value);
  expect(unseal("secret", sealed)).toEqual(value);
  expect(sealed).not.toContain("state");
  expect(seal("secret", value)).not.toBe(sealed);
  expect(unseal("other", sealed)).toBeNull();
});

it("is nothing once a bit of it is another", () => {
  const bytes = Buffer.from(seal("secret", { state: "s" }), "base64url");
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(unseal("secret", changed.toString("base64url"))).toBeNull();
  }
  for (const text of ["", "x", "%%%", "A".repeat(5000)]) expect(unseal("secret", text)).toBeNull();
});
