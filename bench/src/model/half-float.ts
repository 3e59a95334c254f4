/** The nearest IEEE half to a small positive number, as its 16 bits. Range: 2^-24 to 65504; nothing a weight's scale leaves. */
export function halfBits(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const isSubnormal = value < 2 ** -14;
  if (isSubnormal) return Math.round(value * 2 ** 24);
  const mantissa = Math.round((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + mantissa;
}
