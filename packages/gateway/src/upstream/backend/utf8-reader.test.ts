import fc from "fast-check";
import { expect, test } from "vitest";
import { Utf8Reader } from "./utf8-reader.ts";

function readAll(
  bytes: Uint8Array,
  lengths: readonly number[],
  decode: (chunk: Uint8Array) => string,
  end: () => void,
): string | null {
  try {
    let text = "";
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const length = 1 + (lengths[i % Math.max(1, lengths.length)] ?? 0);
      text += decode(bytes.subarray(at, at + length));
      at += length;
    }
    end();
    return text;
  } catch {
    return null;
  }
}

test("law: whatever the bytes and the cuts, it reads what a fatal TextDecoder reads, and refuses what that refuses", () => {
  const text = fc.string({ unit: "binary", maxLength: 30 }).map((each) => Buffer.from(each.replace(/\p{Surrogate}/gu, "?")));
  const bytes = fc.oneof({ weight: 3, arbitrary: text }, fc.uint8Array({ maxLength: 12 }));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(5), { maxLength: 6 }), (all, lengths) => {
      const reader = new Utf8Reader();
      const decoder = new TextDecoder("utf-8", { fatal: true });
      const ours = readAll(
        all,
        lengths,
        (chunk) => reader.read(chunk),
        () => reader.end(),
      );
      const theirs = readAll(
        all,
        lengths,
        (chunk) => decoder.decode(chunk, { stream: true }),
        () => void decoder.decode(),
      );
      expect(ours).toBe(theirs);
    }),
    { numRuns: 2_000 },
  );
});

test("a byte order mark is none of the text, at the beginning alone", () => {
  const reader = new Utf8Reader();
  const mark = Buffer.from("\ufeff");
  expect([...mark].map((byte) => reader.read(Buffer.from([byte]))).join("")).toBe("");
  expect(reader.read(Buffer.from("a\ufeffb"))).toBe("a\ufeffb");
});
