import { describe, expect, it } from "vitest";
import { digestOfKey, isKeyShaped, newSecret, prefixOfKey } from "./key-secret.ts";

describe("newSecret", () => {
  it("has one length for all bytes, and another key for others", () => {
    const of = (byte: number) => newSecret((count) => Buffer.alloc(count, byte));
    expect(of(0)).toBe(`ak_${"0".repeat(43)}`);
    expect(of(0xff)).toMatch(/^ak_[0-9A-Za-z]{43}$/);
    expect(of(0xff)).not.toBe(of(0xfe));
    expect(newSecret()).not.toBe(newSecret());
  });

  it("is known by a digest and a prefix that leave most of it out", () => {
    const key = newSecret();
    expect(digestOfKey(key)).toMatch(/^[0-9a-f]{64}$/);
    expect(prefixOfKey(key)).toBe(key.slice(0, 9));
  });

  it("is told from other vendors' keys by its shape", () => {
    expect(isKeyShaped(newSecret())).toBe(true);
    for (const other of ["sk-none", "ak_short", `${newSecret()}x`, `arr_${"A".repeat(43)}`, ""]) {
      expect(isKeyShaped(other)).toBe(false);
    }
  });
});
