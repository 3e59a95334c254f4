/** Murmur3's 32-bit finaliser: every input bit reaches every output bit. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A uniform number in [0, 1) with 53 random bits, from nothing but seed and position. The same position of the same
 * generation draws the same number on any replica, at any time: that makes continuation exact.
 *
 * @param seed uint32
 * @param position index of the token in the output, 0 for the first
 */
export function uniform(seed: number, position: number): number {
  const a = mix(mix(seed) ^ Math.imul(position + 1, 0x9e3779b1));
  const b = mix(a ^ mix(seed + 0x7f4a7c15) ^ position);
  return ((a >>> 6) * 2 ** 27 + (b >>> 5)) / 2 ** 53;
}
