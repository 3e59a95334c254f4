/**
 * A token bucket (RFC 2697's kind): holds at most a minute's worth and fills evenly. The level may fall below zero, since
 * what an answer costs is known only while it runs; what comes next then waits until the debt is paid.
 */
export interface Bucket {
  readonly level: number;
  /** When that was the level, in milliseconds. */
  readonly at: number;
}

const MINUTE_MS = 60_000;

export const fullBucket = (perMinute: number, now: number): Bucket => ({ level: perMinute, at: now });

/** The bucket at `now`. A clock that goes back fills nothing; a rule that became smaller spills. */
export function refill({ at, level }: Bucket, perMinute: number, now: number): Bucket {
  const gained = (Math.max(now - at, 0) * perMinute) / MINUTE_MS;
  return { level: Math.min(level + gained, perMinute), at: now };
}

/** `amount` taken out, be it there or not. */
export function spend(bucket: Bucket, perMinute: number, amount: number, now: number): Bucket {
  const { at, level } = refill(bucket, perMinute, now);
  return { level: level - amount, at };
}

/** Milliseconds from the bucket's own time until it holds `level`, rounded up. */
export function msUntil(bucket: Bucket, perMinute: number, level: number): number {
  return Math.max(Math.ceil(((level - bucket.level) * MINUTE_MS) / perMinute), 0);
}
