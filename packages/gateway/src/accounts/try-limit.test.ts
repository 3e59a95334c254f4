import { expect, it } from "vitest";
import { TryLimit } from "./try-limit.ts";

it("counts tries within the window, by name", () => {
  let now = 0;
  const limit = new TryLimit({ clock: { now: () => now }, most: 2, windowMs: 60_000 });
  limit.enter("a");
  now = 30_000;
  limit.enter("a");
  expect(() => limit.enter("a")).toThrow(
    expect.objectContaining({ code: "rate_limited", body: expect.objectContaining({ retryAfter: 30 }) }),
  );
  limit.enter("b");
  now = 60_001;
  limit.enter("a");
  expect(() => limit.enter("a")).toThrow();
  limit.forget("a");
  limit.enter("a");
});
