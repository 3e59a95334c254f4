import type { page } from "@arriero/spec";
import { expect, it } from "vitest";
import { daysBetween, seriesByModel, sumBy } from "./usage-sums.ts";

const entry = (day: string, model: string, completionTokens: number): page.UsageEntry => ({
  day,
  user: null,
  key: null,
  model,
  requests: 1,
  failures: 0,
  promptTokens: 10,
  cachedTokens: 5,
  completionTokens,
  reasoningTokens: 0,
  costMicros: 2,
});

const entries = [entry("2026-02-27", "a", 5), entry("2026-03-01", "a", 1), entry("2026-03-01", "b", 9)];

it("sums by a name, most first", () => {
  expect(sumBy(entries, (one) => one.model)).toMatchObject([
    { label: "b", requests: 1, completionTokens: 9, costMicros: 2 },
    { label: "a", requests: 2, completionTokens: 6, costMicros: 4 },
  ]);
});

it("has a day for each, also where nothing happened", () => {
  const days = daysBetween("2026-02-27", "2026-03-01");
  expect(days).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(seriesByModel(entries, days, "rest")).toEqual([
    { label: "b", values: [0, 0, 9] },
    { label: "a", values: [5, 0, 1] },
  ]);
});

it("gathers what is beyond the fourth", () => {
  const many = ["a", "b", "c", "d", "e", "f"].map((model, at) => entry("2026-03-01", model, 10 - at));
  const series = seriesByModel(many, ["2026-03-01"], "rest");
  expect(series.map((one) => one.label)).toEqual(["a", "b", "c", "d", "rest"]);
  expect(series.at(-1)?.values).toEqual([11]);
});
