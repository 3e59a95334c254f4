/** llama.cpp unrolls a counted repetition and refuses more copies than this. */
export const MAX_REPEAT = 2000;

/**
 * `symbol` min to max times; max null is without end. `symbol` must be one rule name or class: groups count
 * several times against llama.cpp's limit. A maximum above MAX_REPEAT is not enforced; a minimum above it is the caller's to refuse.
 */
export function repeat(symbol: string, min: number, max: number | null): string {
  const bounded = max !== null && max <= MAX_REPEAT ? max : null;
  if (bounded === 0) return '""';
  if (bounded === null) return min === 0 ? `${symbol}*` : min === 1 ? `${symbol}+` : `${symbol}{${min},}`;
  if (min === bounded) return min === 1 ? symbol : `${symbol}{${min}}`;
  return min === 0 && bounded === 1 ? `${symbol}?` : `${symbol}{${min},${bounded}}`;
}
