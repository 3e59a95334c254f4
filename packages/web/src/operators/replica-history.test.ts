import type { page } from "@arriero/spec";
import { expect, it } from "vitest";
import { type History, remember } from "./replica-history.ts";

const replica = (generated: number): page.PageReplica => ({
  id: "r",
  model: "m",
  state: "ready",
  pid: 1,
  startedAt: 0,
  restarts: 0,
  error: null,
  requestsRunning: 0,
  requestsWaiting: 0,
  kvCells: { used: 7, cached: 0, total: 10 },
  prefixHitRatio: null,
  tokens: { prompt: 0, cached: 0, generated },
  rssBytes: null,
});

it("turns counters into rates", () => {
  let history: History = new Map();
  for (const [at, generated] of [
    [0, 100],
    [1000, 140],
    [3000, 160],
  ] as const) {
    history = remember(history, at, [replica(generated)]);
  }
  expect(history.get("r")?.map((moment) => moment.rate)).toEqual([null, 40, 10]);
});

it("is not fooled by a restart, and keeps a minute", () => {
  let history: History = new Map();
  for (let second = 0; second < 90; second++) history = remember(history, second * 1000, [replica(second < 80 ? 1000 : 0)]);
  expect(history.get("r")).toHaveLength(60);
  expect(history.get("r")?.every((moment) => (moment.rate ?? 0) >= 0)).toBe(true);
  expect(remember(history, 91_000, []).size).toBe(0);
});
