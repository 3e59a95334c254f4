/** Several draws from one: a number strictly between 0 and 1 that depends on `draw` and `salt` alone. */
export function unitDraw(draw: number, salt: string): number {
  // FNV-1a over the salt, begun from the draw's bits, then the finalizer of MurmurHash3.
  let hash = Math.floor(draw * 0x1_0000_0000) ^ 0x811c9dc5;
  for (let i = 0; i < salt.length; i++) hash = Math.imul(hash ^ salt.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 0x1_0000_0000;
}
