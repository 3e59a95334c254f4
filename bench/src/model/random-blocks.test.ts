import { describe, expect, test } from "vitest";
import { halfBits } from "./half-float.ts";
import { byteStream, shapeBlocks } from "./random-blocks.ts";

/** The value of IEEE half bits. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}

function weightsQ4_0(block: Buffer): number[] {
  const d = half(block.readUInt16LE(0));
  return [...block.subarray(2)].flatMap((byte) => [d * ((byte & 15) - 8), d * ((byte >> 4) - 8)]);
}

/** Scales and minima unpacked as ggml's get_scale_min_k4 does; sub-block order does not matter here. */
function weightsQ4_K(block: Buffer): number[] {
  const d = half(block.readUInt16LE(0));
  const dmin = half(block.readUInt16LE(2));
  const packed = block.subarray(4, 16);
  return Array.from({ length: 8 }, (_, sub) => {
    const scale = sub < 4 ? packed[sub]! & 63 : (packed[sub + 4]! & 15) | ((packed[sub - 4]! >> 6) << 4);
    const least = sub < 4 ? packed[sub + 4]! & 63 : (packed[sub + 4]! >> 4) | ((packed[sub]! >> 6) << 4);
    const quants = block.subarray(16 + (sub >> 1) * 32, 48 + (sub >> 1) * 32);
    return [...quants].map((byte) => d * scale * (sub % 2 === 0 ? byte & 15 : byte >> 4) - dmin * least);
  }).flat();
}

function weightsQ6_K(block: Buffer): number[] {
  const d = half(block.readUInt16LE(208));
  return Array.from({ length: 128 }, (_, index) => {
    const low = block[index]! & 15;
    const high = block[128 + (index % 64)]! & 3;
    return d * block.readInt8(192 + (index % 16)) * ((low | (high << 4)) - 32);
  });
}

const CASES = [
  ["Q4_0", 18, weightsQ4_0],
  ["Q4_K", 144, weightsQ4_K],
  ["Q6_K", 210, weightsQ6_K],
] as const;

describe.each(CASES)("%s", (type, size, weights) => {
  test("weights have mean zero and the deviation asked for", () => {
    const bytes = shapeBlocks(byteStream(type)(size * 2_000), type, 0.02);
    const all = Array.from({ length: 2_000 }, (_, index) => weights(bytes.subarray(index * size, (index + 1) * size))).flat();
    const mean = all.reduce((sum, weight) => sum + weight, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, weight) => sum + weight * weight, 0) / all.length);
    expect(Math.abs(mean)).toBeLessThan(0.0005);
    expect(deviation / 0.02).toBeCloseTo(1, 1);
  });
});

test("half bits round to the nearest half, through the subnormals", () => {
  for (const value of [1, 0.02, 1.5e-5, 6e-5, 0.99999, 1000])
    expect(Math.abs(half(halfBits(value)) / value - 1)).toBeLessThan(0.005);
});
