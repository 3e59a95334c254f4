import type { Glyphs } from "./glyphs.ts";
import type { Palette } from "./palette.ts";
import { pad } from "./text-width.ts";
import { latency } from "./units.ts";

export interface Bucket {
  /** Milliseconds, inclusive. */
  readonly from: number;
  /** Milliseconds, exclusive but for the last bucket. */
  readonly to: number;
  readonly count: number;
}

/** `count` buckets of equal width from the least to the greatest sample; the last one is closed. */
export function buckets(samples: readonly number[], count: number): Bucket[] {
  if (samples.length === 0) return [];
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    least = Math.min(least, sample);
    greatest = Math.max(greatest, sample);
  }
  if (least === greatest) return [{ from: least, to: greatest, count: samples.length }];
  const spread = greatest - least;
  const width = spread / count;
  const counts = new Array<number>(count).fill(0);
  // Divided by the spread, never by the width: that of two neighbouring denormals rounds to nothing.
  for (const sample of samples) counts[Math.min(count - 1, Math.floor(((sample - least) / spread) * count))]! += 1;
  return counts.map((size, index) => ({ from: least + index * width, to: least + (index + 1) * width, count: size }));
}

/** A bar of `share` (0..1) of `width` cells, to an eighth of a cell; anything above zero shows. */
export function bar(share: number, width: number, glyphs: Glyphs): string {
  if (share <= 0) return "";
  const eighths = Math.max(1, Math.round(share * width * 8));
  const rest = eighths % 8;
  return (glyphs.eighths[7] ?? "").repeat(Math.floor(eighths / 8)) + (rest === 0 ? "" : (glyphs.eighths[rest - 1] ?? ""));
}

/** One line a bucket: upper bound, bar, count. Empty when there are no samples. */
export function histogram(
  samples: readonly number[],
  options: { width: number; glyphs: Glyphs; palette: Palette; rows?: number },
): string {
  const rows = buckets(samples, options.rows ?? 10);
  const greatest = Math.max(0, ...rows.map((row) => row.count));
  const labels = rows.map((row) => latency(row.to));
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const room = Math.max(4, Math.min(48, options.width - labelWidth - String(greatest).length - 8));
  return rows
    .map((row, index) => {
      const cells = bar(row.count / greatest, room, options.glyphs);
      const label = options.palette.quiet(`≤ ${pad(labels[index]!, labelWidth, "right")}`);
      return `  ${label}  ${cells === "" ? "" : `${options.palette.accent(cells)} `}${row.count}`;
    })
    .join("\n");
}

/** The value below which `share` of the samples lie, interpolated; `sorted` ascending. NaN without samples. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * share;
  const low = Math.floor(position);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (position - low);
}
