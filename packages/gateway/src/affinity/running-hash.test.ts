import fc from "fast-check";
import { expect, it } from "vitest";
import { RunningHash } from "./running-hash.ts";

const hashOf = (...texts: string[]) => {
  const hash = new RunningHash();
  for (const text of texts) hash.add(text);
  return hash.read();
};

it("depends on every character and on their order", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 5_000 }),
      fc.nat(),
      fc.integer({ min: 1, max: 0xffff }),
      (text, at, other) => {
        fc.pre(text.length > 0);
        const place = at % text.length;
        const changed = text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ other) + text.slice(place + 1);
        expect(hashOf(changed)).not.toBe(hashOf(text));
        expect(hashOf(`${text}\0`)).not.toBe(hashOf(text));
      },
    ),
  );
});

it("is the same for a part of a text as for that part alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 9_000 }), fc.nat(), fc.nat(), (text, one, other) => {
      const [from, to] = [one % (text.length + 1), other % (text.length + 1)].sort((a, b) => a - b) as [number, number];
      const hash = new RunningHash();
      hash.add(text, from, to);
      expect(hash.read()).toBe(hashOf(text.slice(from, to)));
    }),
  );
});

it("has no two alike among many", () => {
  const seen = new Set<string>();
  for (let text = 0; text < 200_000; text++) seen.add(hashOf(`turn ${text}`));
  expect(seen.size).toBe(200_000);
  for (const name of seen) if (!/^[\w-]{11}$/.test(name)) throw new Error(name);
});
