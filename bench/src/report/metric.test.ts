import { expect, test } from "vitest";
import { metricOf, type Targets, verdict } from "./metric.ts";

const TARGETS: Targets = { "decode.1": { atLeast: 1.1 }, "ttft.turn-30": { atMost: 1.2 }, stalls: { oursAtMost: 0 } };

test("the ratio is of medians, against the peer", () => {
  const metric = metricOf({ name: "decode.1", unit: "tok/s", ours: [44, 60, 46], peer: [40, 39, 41] });
  expect(metric).toEqual({ name: "decode.1", unit: "tok/s", ours: 46, peer: 40, ratio: 1.15 });
  expect(verdict(metric, TARGETS)).toBe("met");
});

test("a baseline takes the peer's place in the ratio", () => {
  const metric = metricOf({ name: "ttft.turn-30", unit: "ms", ours: [130], peer: [100], baseline: [100] });
  expect(metric).toMatchObject({ peer: 100, ratio: 1.3 });
  expect(verdict(metric, TARGETS)).toBe("missed");
});

test("one side alone gives no ratio and no verdict", () => {
  const metric = metricOf({ name: "rss.peak", unit: "bytes", ours: [], peer: [5] });
  expect(metric).toMatchObject({ ours: null, ratio: null });
  expect(verdict(metric, TARGETS)).toBe("");
});

test("a target of our own value needs no peer, and nothing is no ratio", () => {
  const metric = metricOf({ name: "stalls", unit: "count", ours: [0, 0, 3], peer: [0] });
  expect(metric).toMatchObject({ ours: 0, peer: 0, ratio: null });
  expect(verdict(metric, TARGETS)).toBe("met");
  expect(verdict({ ...metric, ours: 1 }, TARGETS)).toBe("missed");
});
