/**
 * Times between tokens, counted in buckets that grow by a quarter: 64 of them reach from a millisecond to twenty
 * minutes, each a quarter wide. Old counts are halved when there are many, so that what a backend was is forgotten.
 */
export interface GapHistogram {
  readonly counts: readonly number[];
  readonly total: number;
}

const BUCKETS = 64;
const GROWTH = 1.25;
/** Counts beyond which all are halved: a few long answers. */
const MOST_COUNTED = 4096;

export const NO_GAPS: GapHistogram = { counts: new Array<number>(BUCKETS).fill(0), total: 0 };

const bucketOf = (ms: number): number => (ms <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / Math.log(GROWTH) - 1e-9)));

/** Longest gap that a bucket holds, in milliseconds; the last one holds longer ones too. */
const upperEdge = (bucket: number): number => GROWTH ** bucket;

/** Counts gaps in milliseconds; in batches, as each call copies the counts. What is no finite time is left out. */
export function observeGaps(histogram: GapHistogram, gapsMs: readonly number[]): GapHistogram {
  let counts = [...histogram.counts];
  let { total } = histogram;
  for (const ms of gapsMs) {
    if (!Number.isFinite(ms) || ms < 0) continue;
    counts[bucketOf(ms)]! += 1;
    total += 1;
    if (total <= MOST_COUNTED) continue;
    counts = counts.map((count) => count >> 1);
    total = counts.reduce((sum, count) => sum + count, 0);
  }
  return { counts, total };
}

/** A time that at least `share` of the gaps did not exceed, at most a quarter too long; null: nothing was counted. */
export function gapQuantile({ counts, total }: GapHistogram, share: number): number | null {
  if (total === 0) return null;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    below += count;
    if (below >= share * total) return upperEdge(bucket);
  }
  return upperEdge(BUCKETS - 1);
}
