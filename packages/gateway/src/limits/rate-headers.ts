import { type Bucket, msUntil } from "./token-bucket.ts";

const NAMES = {
  requests: ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
  tokens: ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
} as const;

/** The headers by which OpenAI's clients pace themselves, for one kind of limit. */
export function rateHeaders(kind: "requests" | "tokens", bucket: Bucket, perMinute: number): Readonly<Record<string, string>> {
  const [limit, remaining, reset] = NAMES[kind];
  return {
    [limit]: String(perMinute),
    [remaining]: String(Math.max(Math.floor(bucket.level), 0)),
    [reset]: shortSpan(msUntil(bucket, perMinute, perMinute)),
  };
}

/** A time as these headers write it: `12ms`, `1s`, `6m0s`, `1h0m5s`. */
export function shortSpan(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}
