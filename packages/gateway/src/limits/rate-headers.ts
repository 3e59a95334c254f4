import { type Bucket, msUntil } from "./token-bucket.ts";

/** The headers by which OpenAI's clients pace themselves, for one kind of limit. */
export function rateHeaders(kind: "requests" | "tokens", bucket: Bucket, perMinute: number): Readonly<Record<string, string>> {
  const limit = String(perMinute);
  const remaining = String(Math.max(Math.floor(bucket.level), 0));
  const reset = shortSpan(msUntil(bucket, perMinute, perMinute));
  return kind === "requests"
    ? { "x-ratelimit-limit-requests": limit, "x-ratelimit-remaining-requests": remaining, "x-ratelimit-reset-requests": reset }
    : { "x-ratelimit-limit-tokens": limit, "x-ratelimit-remaining-tokens": remaining, "x-ratelimit-reset-tokens": reset };
}

/** A time as these headers write it: `12ms`, `1s`, `6m0s`, `1h0m5s`. */
export function shortSpan(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}
