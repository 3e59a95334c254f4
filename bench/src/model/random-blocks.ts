import { createCipheriv, createHash } from "node:crypto";
import { halfBits } from "./half-float.ts";
import { BLOCK_LAYOUT, type BlockType } from "./quant-mix.ts";

/** Root mean square of a weight in units of the block's scale `d`, when all its other bits are uniform. */
const RMS = { Q4_0: 4.64, Q4_K: 168.4, Q6_K: 1367 } satisfies Record<Exclude<BlockType, "F32">, number>;

/** An endless, seeded stream of uniform bytes: AES-CTR over zeros, which runs at memory speed. */
export function byteStream(seed: string): (length: number) => Buffer {
  const digest = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-128-ctr", digest.subarray(0, 16), digest.subarray(16, 32));
  return (length) => cipher.update(Buffer.alloc(length));
}

/**
 * Turns uniform bytes into blocks whose weights have mean zero and the given standard deviation.
 * `bytes` is changed in place; its length is a whole number of blocks.
 */
export function shapeBlocks(bytes: Buffer, block: Exclude<BlockType, "F32">, deviation: number): Buffer {
  const { bytes: size } = BLOCK_LAYOUT[block];
  const scale = halfBits(deviation / RMS[block]);
  for (let at = 0; at < bytes.length; at += size) {
    switch (block) {
      case "Q4_0":
        // Nibbles have mean -1/2: a random sign per block (as real files have) keeps that from adding up through the layers.
        bytes.writeUInt16LE(scale | ((bytes[at]! & 1) << 15), at);
        break;
      case "Q4_K":
        // w = d * sc * q - dmin * m: the same six bits as scale and minimum, and dmin = 7.5 d, centre every sub-block on zero.
        bytes.writeUInt16LE(scale, at);
        bytes.writeUInt16LE(halfBits((7.5 * deviation) / RMS.Q4_K), at + 2);
        bytes.copy(bytes, at + 8, at + 4, at + 8);
        for (let index = at + 12; index < at + 16; index++) bytes[index] = (bytes[index]! & 15) * 17;
        break;
      case "Q6_K":
        bytes.writeUInt16LE(scale, at + 208);
        break;
      default:
        block satisfies never;
    }
  }
  return bytes;
}
