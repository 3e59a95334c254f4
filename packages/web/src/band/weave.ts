/** Half-heights of one stepped diamond, two columns a step as on a loom; the row on the axis is always woven. */
const DIAMOND = [0, 0, 1, 1, 2, 2, 3, 3, 3, 2, 2, 1, 1, 0, 0] as const;

/** The motif at rest: `columns` half-heights in cells, diamonds side by side. */
export function motif(columns: number): number[] {
  return Array.from({ length: columns }, (_, column) => DIAMOND[column % DIAMOND.length]!);
}

/** Half-heights for data: each value's share of `max`, in whole cells, so that the cloth shows steps and never a slope. */
export function threads(values: readonly number[], max: number, half: number): number[] {
  return values.map((value) => (max > 0 ? Math.min(half, Math.max(0, Math.round((value / max) * half))) : 0));
}

/**
 * An SVG path of the cells with a half-height of at least `inset`, mirrored about the axis. `half` is the band's
 * half-height in cells, so the band is 2 * half + 1 cells high; a unit is one cell.
 */
export function weave(heights: readonly number[], half: number, inset = 0, from = 0): string {
  let path = "";
  let column = 0;
  while (column < heights.length) {
    const height = heights[column]! - inset;
    let end = column + 1;
    while (end < heights.length && heights[end]! - inset === height) end++;
    if (height >= 0) path += `M${from + column} ${half - height}h${end - column}v${2 * height + 1}h${column - end}z`;
    column = end;
  }
  return path;
}
