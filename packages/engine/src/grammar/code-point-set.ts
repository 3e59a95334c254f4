import type { CodePointRange } from "./gbnf-text.ts";

/** Every Unicode scalar value: the surrogates are no characters. */
export const ALL: readonly CodePointRange[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Sorted, without overlap. */
export function union(ranges: readonly CodePointRange[]): CodePointRange[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The code points of `from` that are not in `without`. */
export function subtract(from: readonly CodePointRange[], without: readonly CodePointRange[]): CodePointRange[] {
  let left = union(from);
  for (const [first, last] of without) {
    left = left.flatMap(([low, high]): CodePointRange[] => {
      if (high < first || low > last) return [[low, high]];
      return [...(low < first ? [[low, first - 1] as const] : []), ...(high > last ? [[last + 1, high] as const] : [])];
    });
  }
  return left;
}

export function includes(ranges: readonly CodePointRange[], codePoint: number): boolean {
  return ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}
