import { expect, test } from "vitest";
import { HttpStatusError, isTransient, retryAfterMs, retryDelay } from "./retry-policy.ts";

const limits = { attempts: 4, backoffMs: 100, maxBackoffMs: 250, maxRetryAfterMs: 5000 };
const status = (code: number, retryAfter: number | null = null) => new HttpStatusError(code, "https://a.example/x", retryAfter);

test("waits double up to the longest, half of each drawn, and end", () => {
  const cut = Object.assign(new Error("cut"), { code: "ECONNRESET" });
  expect([1, 2, 3, 4].map((failures) => retryDelay(cut, failures, limits, () => 1))).toEqual([100, 200, 250, null]);
  expect(retryDelay(cut, 1, limits, () => 0)).toBe(50);
});

test("Retry-After is kept to, unless it is too long", () => {
  expect(retryDelay(status(429, 3000), 1, limits, () => 0)).toBe(3000);
  expect(retryDelay(status(503, 6000), 1, limits, () => 0)).toBeNull();
  expect(retryAfterMs("12", 0)).toBe(12_000);
  expect(retryAfterMs("Thu, 01 Jan 1970 00:00:09 GMT", 4000)).toBe(5000);
  expect(retryAfterMs("soon", 0)).toBeNull();
});

test("what another try cannot change is not tried again", () => {
  for (const code of [400, 401, 403, 404, 410, 501]) expect(isTransient(status(code))).toBe(false);
  for (const code of [408, 429, 500, 502, 503, 504]) expect(isTransient(status(code))).toBe(true);
  expect(isTransient(new Error("no space", { cause: { code: "ENOSPC" } }))).toBe(false);
  expect(isTransient(new Error("fetch", { cause: Object.assign(new Error("x"), { code: "UND_ERR_SOCKET" }) }))).toBe(true);
});
