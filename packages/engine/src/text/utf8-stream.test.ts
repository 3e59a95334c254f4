import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Utf8Stream } from "./utf8-stream.ts";

const whole = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Bytes that are text, noise, and text with holes: edges of the encoding come up often. */
const anyBytes = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 24 }),
  fc
    .array(fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xbb, 0xf0, 0xf4, 0xf5), {
      maxLength: 16,
    })
    .map((bytes) => Uint8Array.from(bytes)),
);

describe("Utf8Stream", () => {
  it("equals one decoder over all bytes, however they are split", () => {
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat({ max: 5 })), (bytes, sizes) => {
        const stream = new Utf8Stream();
        let text = "";
        let at = 0;
        for (const size of sizes) {
          text += stream.feed(bytes.subarray(at, at + size));
          at += size;
        }
        text += stream.feed(bytes.subarray(Math.min(at, bytes.length))) + stream.flush();
        expect(text).toBe(whole(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it("releases a character with its last byte and not before", () => {
    const stream = new Utf8Stream();
    const [a, b, c, d] = new TextEncoder().encode("🦙");
    expect(stream.feed(Uint8Array.of(0x68, a!))).toBe("h");
    expect(stream.feed(Uint8Array.of(b!, c!))).toBe("");
    expect(stream.feed(Uint8Array.of(d!))).toBe("🦙");
    expect(stream.flush()).toBe("");
  });

  it("does not keep a view of the caller's buffer", () => {
    const stream = new Utf8Stream();
    const scratch = Uint8Array.of(0xc3);
    stream.feed(scratch);
    scratch[0] = 0x41;
    expect(stream.feed(Uint8Array.of(0xa9))).toBe("é");
  });

  it("replaces an unfinished character at the end and starts afresh", () => {
    const stream = new Utf8Stream();
    expect(stream.feed(Uint8Array.of(0xf0, 0x9f, 0xa6))).toBe("");
    expect(stream.flush()).toBe("\ufffd");
    expect(stream.feed(Uint8Array.of(0x41))).toBe("A");
  });
});
