import { ArrieroError } from "@arriero/spec";
import { expect, test } from "vitest";
import { parseGguf } from "./read-gguf.ts";
import { tinyAdapter, tinyModel } from "./testing/tiny-models.ts";
import { writeGguf } from "./testing/write-gguf.ts";

const HEADERS = 2000;
const SEED = Number(process.env.ARRIERO_FUZZ_SEED ?? 20_240_607);
const INTERESTING = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 31n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Mulberry32: the whole run follows from the seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const originals = [
  tinyModel({ weightBytes: 64 }),
  tinyAdapter(),
  writeGguf({ metadata: { tokens: Array.from({ length: 1500 }, (_, i) => `t${i}`), flags: { type: "bool[]", values: [0, 1] } } }),
  writeGguf({
    version: 2,
    metadata: { a: { type: "uint64", value: 1n } },
    tensors: [{ name: "w", dimensions: [256, 2], type: "Q4_K" }],
  }),
];

type Mutation = (bytes: Buffer, pick: (below: number) => number) => Buffer;
const mutations: Record<string, Mutation> = {
  "bit flips": (bytes, pick) => {
    for (let i = 0; i <= pick(8); i++) bytes[pick(bytes.length)]! ^= 1 << pick(8);
    return bytes;
  },
  truncation: (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  "a huge number": (bytes, pick) => {
    const value = INTERESTING[pick(INTERESTING.length)]!;
    if (pick(2) === 0) bytes.writeBigUInt64LE(value, pick(bytes.length - 8));
    else bytes.writeUInt32LE(Number(value & 0xffff_ffffn), pick(bytes.length - 4));
    return bytes;
  },
  "huge counts": (bytes, pick) => {
    bytes.writeBigUInt64LE(INTERESTING[pick(INTERESTING.length)]!, 8 + 8 * pick(2));
    return bytes;
  },
  "random bytes": (bytes, pick) => {
    const at = pick(bytes.length);
    for (let i = at; i < Math.min(bytes.length, at + 1 + pick(64)); i++) bytes[i] = pick(256);
    return bytes;
  },
  "random after the magic": (bytes, pick) => {
    for (let i = 8; i < bytes.length; i++) bytes[i] = pick(256);
    return bytes;
  },
  "swapped types": (bytes, pick) => {
    // A 32-bit field with a small value is most likely a type or a dimension count.
    for (let tries = 0; tries < 50; tries++) {
      const at = pick(bytes.length - 4);
      if (bytes.readUInt32LE(at) < 13) {
        bytes.writeUInt32LE(pick(45), at);
        break;
      }
    }
    return bytes;
  },
  "a moved block": (bytes, pick) => {
    const [from, to, length] = [pick(bytes.length), pick(bytes.length), pick(64)];
    bytes.copyWithin(to, from, from + length);
    return bytes;
  },
};

test(`${HEADERS} damaged headers parse or are refused with a code`, { timeout: 60_000 }, async () => {
  const names = Object.keys(mutations);
  const outcomes = { parsed: 0, gguf_invalid: 0, gguf_truncated: 0 };
  for (let i = 0; i < HEADERS; i++) {
    const pick = generator(SEED + i);
    const name = names[i % names.length]!;
    const bytes = mutations[name]!(Buffer.from(originals[pick(originals.length)]!), pick);
    const context = `header ${i} (${name}), ARRIERO_FUZZ_SEED=${SEED}`;
    let reads = 0;
    let readBytes = 0;
    try {
      await parseGguf({
        size: bytes.length,
        read: async (offset, length) => {
          reads++;
          readBytes += length;
          if (offset < 0 || offset + length > bytes.length)
            throw new Error(`read of ${length} at ${offset} outside ${bytes.length}`);
          return bytes.subarray(offset, offset + length);
        },
      });
      outcomes.parsed++;
    } catch (error) {
      if (!(error instanceof ArrieroError) || (error.code !== "gguf_invalid" && error.code !== "gguf_truncated")) {
        throw new Error(`${context}: ${error}`, { cause: error });
      }
      expect(error.message.length, context).toBeLessThan(600);
      outcomes[error.code]++;
    }
    // Reads go forward in chunks larger than these files, so one does, and a second where an array was passed over.
    expect(reads, context).toBeLessThanOrEqual(2);
    expect(readBytes, context).toBeLessThanOrEqual(2 * bytes.length);
  }
  // The mutations reach all three outcomes; otherwise this test would check little.
  expect(Math.min(outcomes.parsed, outcomes.gguf_invalid, outcomes.gguf_truncated)).toBeGreaterThan(50);
});
