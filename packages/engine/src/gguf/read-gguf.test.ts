import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { memorySource } from "./byte-source.ts";
import { parseGguf, readGguf } from "./read-gguf.ts";
import { tinyAdapter, tinyModel } from "./testing/tiny-models.ts";
import { type FixtureGguf, writeGguf } from "./testing/write-gguf.ts";
import { checkRole, validateGguf } from "./validate-gguf.ts";

async function errorOf(bytes: Uint8Array): Promise<ArrieroError> {
  const thrown = await parseGguf(memorySource(bytes)).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ArrieroError)) throw new Error(`expected an ArrieroError, got ${thrown}`);
  return thrown;
}

const plain: FixtureGguf = { metadata: { "general.architecture": "llama" }, tensors: [{ name: "w", dimensions: [4] }] };

describe("a whole file", () => {
  test("gives metadata of every type and the tensor table", async () => {
    const header = await parseGguf(
      memorySource(
        writeGguf({
          metadata: {
            text: "año",
            yes: true,
            count: 7,
            small: { type: "int8", value: -3 },
            half: { type: "float64", value: 0.5 },
            large: { type: "uint64", value: 2n ** 63n },
            safe: { type: "int64", value: -5n },
            list: ["a", "b"],
            scores: { type: "float32[]", values: [1, 2] },
          },
          tensors: [
            { name: "a", dimensions: [32, 3], type: "Q8_0" },
            { name: "b", dimensions: [5] },
            { name: "scalar", dimensions: [] },
          ],
          alignment: 64,
        }),
      ),
    );
    const value = (key: string) => header.metadata.get(key)?.value;
    expect(value("text")).toBe("año");
    expect(value("yes")).toBe(true);
    expect(value("small")).toBe(-3);
    expect(value("half")).toBe(0.5);
    expect(value("large")).toBe(2n ** 63n);
    expect(value("safe")).toBe(-5);
    expect(value("list")).toEqual({ elementType: "string", length: 2, values: ["a", "b"] });
    expect(header.alignment).toBe(64);
    expect(header.tensors).toEqual([
      { name: "a", dimensions: [32, 3], type: "Q8_0", elements: 96, bytes: 102, offset: 0 },
      { name: "b", dimensions: [5], type: "F32", elements: 5, bytes: 20, offset: 128 },
      { name: "scalar", dimensions: [], type: "F32", elements: 1, bytes: 4, offset: 192 },
    ]);
    expect(header.dataOffset % 64).toBe(0);
  });

  test("version 2 reads like version 3", async () => {
    expect((await parseGguf(memorySource(writeGguf({ ...plain, version: 2 })))).version).toBe(2);
  });

  test("a vocabulary of 200,000 tokens is passed over in chunks", async () => {
    const tokens = Array.from({ length: 200_000 }, (_, i) => `token-${i}`);
    const bytes = writeGguf({
      metadata: { before: 1, "tokenizer.ggml.tokens": tokens, after: "here" },
      tensors: plain.tensors ?? [],
    });
    let reads = 0;
    const header = await parseGguf({
      size: bytes.length,
      read: async (offset, length) => {
        reads++;
        return bytes.subarray(offset, offset + length);
      },
    });
    expect(header.metadata.get("tokenizer.ggml.tokens")?.value).toEqual({ elementType: "string", length: 200_000, values: null });
    expect(header.metadata.get("after")?.value).toBe("here");
    expect(reads).toBeLessThan(bytes.length / (256 * 1024) + 3);
  });

  test("the last tensor needs no padding behind it", async () => {
    const bytes = writeGguf(plain);
    await expect(parseGguf(memorySource(bytes.subarray(0, bytes.length - 16)))).resolves.toBeDefined();
  });
});

describe("a file cut short", () => {
  test("is truncated at every length, with the bytes wanted and there", async () => {
    const bytes = tinyModel();
    const header = await parseGguf(memorySource(bytes));
    const last = header.tensors.at(-1)!;
    const whole = header.dataOffset + last.offset + last.bytes;
    for (let length = 0; length < whole; length += length < header.dataOffset ? 1 : 101) {
      const error = await errorOf(bytes.subarray(0, length));
      expect(error.code, `cut at ${length}`).toBe("gguf_truncated");
      expect(error.message).toContain(`it has ${length}`);
    }
  });
});

describe("what is refused", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["an HTML page", Buffer.from("<!doctype html><html>"), /does not begin with "GGUF"/],
    ["version 1", writeGguf({ ...plain, version: 1 }), /version 1, 2 and 3 are read/],
    ["version 4", writeGguf({ ...plain, version: 4 }), /version 4/],
    ["big endian", writeGguf({ ...plain, version: 0x0300_0000 }), /big endian/],
    ["an alignment of 24", writeGguf({ metadata: { "general.alignment": 24 } }), /alignment is 24/],
    ["an alignment of 0", writeGguf({ metadata: { "general.alignment": 0 } }), /alignment is 0/],
    ["an alignment of another type", writeGguf({ metadata: { "general.alignment": "32" } }), /must be a uint32/],
    ["an empty key", writeGguf({ metadata: { "": 1 } }), /key 0 is empty/],
    [
      "a long tensor name",
      writeGguf({ metadata: {}, tensors: [{ name: "x".repeat(64), dimensions: [1] }] }),
      /is 64, at most 63/,
    ],
    [
      "five dimensions",
      writeGguf({ metadata: {}, tensors: [{ name: "w", dimensions: [1, 1, 1, 1, 1] }] }),
      /5 dimensions, at most 4/,
    ],
    [
      "two tensors of one name",
      writeGguf({
        metadata: {},
        tensors: [
          { name: "w", dimensions: [1] },
          { name: "w", dimensions: [1] },
        ],
      }),
      /"w" appears twice/,
    ],
  ];
  test.each(cases)("%s", async (_name, bytes, message) => {
    const error = await errorOf(bytes);
    expect(error.code).toBe("gguf_invalid");
    expect(error.message).toMatch(message);
  });

  /** `plain` with its header changed at the field found by a marker. */
  function patched(change: (bytes: Buffer, tensorEntry: number) => void): Buffer {
    const bytes = writeGguf(plain);
    change(bytes, bytes.indexOf(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0x77])) + 9);
    return bytes;
  }

  const patches: [string, Buffer, RegExp][] = [
    ["2^40 tensors", patched((b) => b.writeBigUInt64LE(2n ** 40n, 8)), /number of tensors is 1099511627776, at most/],
    ["2^63 keys", patched((b) => b.writeBigUInt64LE(2n ** 63n, 16)), /number of key\/values is 9223372036854775808/],
    ["a key of 2^60 bytes", patched((b) => b.writeBigUInt64LE(2n ** 60n, 24)), /length of key 0 .* \(at byte 24\)/],
    ["an unknown value type", patched((b) => b.writeUInt32LE(13, 24 + 8 + 20)), /value type 13/],
    ["an unknown tensor type", patched((b, at) => b.writeUInt32LE(4, at + 12)), /type 4, which ggml does not know/],
    [
      "rows that split a block",
      patched((b, at) => b.writeUInt32LE(2, at + 12)),
      /rows of 4 elements, no multiple of Q4_0's block of 32/,
    ],
    ["an unaligned offset", patched((b, at) => b.writeUInt32LE(8, at + 16)), /offset 8, not a multiple/],
    ["a gap before the data", patched((b, at) => b.writeUInt32LE(32, at + 16)), /offset 32, 0 must follow/],
    ["a negative dimension", patched((b, at) => b.writeBigInt64LE(-4n, at + 4)), /dimension 0 of tensor "w"/],
  ];
  test.each(patches)("%s", async (_name, bytes, message) => {
    const error = await errorOf(bytes);
    expect(error.code).toBe("gguf_invalid");
    expect(error.message).toMatch(message);
  });

  test("dimensions whose product overflows", async () => {
    const bytes = writeGguf({ metadata: {}, tensors: [{ name: "w", dimensions: [1, 1, 1] }] });
    const at = bytes.indexOf(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0x77])) + 9 + 4;
    for (const i of [0, 1, 2]) bytes.writeBigUInt64LE(2n ** 32n, at + i * 8);
    expect((await errorOf(bytes)).message).toMatch(/more than 2\^53 elements/);
  });

  test("a nested array", async () => {
    const bytes = writeGguf({ metadata: { list: ["a"] } });
    bytes.writeUInt32LE(9, 24 + 8 + 4 + 4);
    expect((await errorOf(bytes)).message).toMatch(/holds arrays/);
  });

  test("a duplicate key", async () => {
    const bytes = writeGguf({ metadata: { aa: 1, ab: 2 } });
    bytes.write("aa", bytes.indexOf("ab"));
    expect((await errorOf(bytes)).message).toMatch(/key "aa" appears twice/);
  });
});

describe("roles", () => {
  test("an adapter is an adapter and no model, and the other way round", async () => {
    const adapter = await parseGguf(memorySource(tinyAdapter()));
    const model = await parseGguf(memorySource(tinyModel()));
    checkRole(adapter, "adapter");
    checkRole(model, "model");
    expect(() => checkRole(adapter, "model")).toThrow(/LoRA adapter/);
    expect(() => checkRole(model, "adapter")).toThrow(/is a model/);
  });

  test("one part of a split model is refused with the way out", async () => {
    const part = await parseGguf(memorySource(tinyModel({ metadata: { "split.count": { type: "uint16", value: 3 } } })));
    expect(() => checkRole(part, "model")).toThrow(/one of 3 parts/);
  });

  test("from a path: missing files, folders and real files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "arriero-gguf-"));
    try {
      await expect(readGguf(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "gguf_invalid" });
      await expect(readGguf(folder)).rejects.toMatchObject({ code: "gguf_invalid" });
      await writeFile(join(folder, "m.gguf"), tinyModel());
      await expect(validateGguf(join(folder, "m.gguf"))).resolves.toMatchObject({ version: 3 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
