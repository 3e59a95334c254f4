import type { ListedReplica } from "@arriero/gateway";
import { describe, expect, it } from "vitest";
import { createScreen } from "../terminal/screen.ts";
import { readReplicas, replicaTable } from "./replica-rows.ts";

const screen = createScreen({ write: () => undefined, columns: 140 }, { LANG: "C.UTF-8" });
const loading: ListedReplica = {
  id: "m-0",
  state: "loading",
  pid: 1,
  modelName: "m",
  model: null,
  restarts: 2,
  startedAt: 0,
  outstanding: 0,
  error: null,
};
const ready: ListedReplica = {
  ...loading,
  id: "m-1",
  state: "ready",
  version: "0",
  uptimeMs: 65_000,
  requestsRunning: 3,
  requestsWaiting: 1,
  kvCells: { used: 300, cached: 100, total: 1000 },
  prefixHitRatio: 0.5,
  tokens: { prompt: 10, cached: 5, generated: 12_345 },
  rssBytes: 123_000_000,
};

describe("replicaTable", () => {
  it("shows figures, and dashes for what a replica cannot say", () => {
    const [head, ...rows] = replicaTable([ready, loading], screen).split("\n");
    expect(head?.split(/ +/)).toEqual([
      "REPLICA",
      "MODEL",
      "STATE",
      "RUN",
      "WAIT",
      "KV",
      "PREFIX",
      "TOKENS",
      "RSS",
      "UP",
      "RESTARTS",
    ]);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ["m-1", "m", "ready", "3", "1", "40 %", "50 %", "12 345", "123 MB", "1 min 05 s", "2"],
      ["m-0", "m", "loading", "-", "-", "-", "-", "-", "-", "-", "2"],
    ]);
  });
  it("says why a replica was given up", () =>
    expect(replicaTable([{ ...loading, state: "failed", error: "no memory" }], screen)).toContain("m-0  no memory"));
});

describe("readReplicas", () => {
  it("refuses what is no list of ours", () => {
    expect(readReplicas([])).toEqual([]);
    expect(() => readReplicas({ data: [] })).toThrow("does not list replicas");
  });
});
