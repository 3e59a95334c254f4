import { afterEach, describe, expect, it } from "vitest";
import { createScreen } from "../terminal/screen.ts";
import { displayWidth } from "../terminal/text-width.ts";
import { answerChat, type ScriptedServer, scriptedServer } from "../testing/scripted-server.ts";
import { loadPlan, loadPrompt } from "./load-plan.ts";
import { runLoad } from "./load-test.ts";
import { loadLine, loadLines, loadReport, loadSummary } from "./load-view.ts";

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

describe("loadPlan", () => {
  it("has defaults and reads durations", () => {
    expect(loadPlan({})).toMatchObject({ concurrency: 8, end: { kind: "requests", count: 64 } });
    expect(loadPlan({ duration: "2m" }).end).toEqual({ kind: "duration", ms: 120_000 });
  });
  it.each([
    [{ concurrency: "0" }],
    [{ requests: "1e9" }],
    [{ duration: "2h" }],
    [{ requests: "1", duration: "1" }],
    [{ seed: "x" }],
  ])("refuses %j", (flags) => expect(() => loadPlan(flags)).toThrow(/--/));
});

describe("loadPrompt", () => {
  it("is the same for the same seed and differs between requests", () => {
    const plan = { promptTokens: 12, seed: 3 };
    expect(loadPrompt(plan, 0)).toBe(loadPrompt(plan, 0));
    expect(loadPrompt(plan, 0)).not.toBe(loadPrompt(plan, 1));
    expect(loadPrompt(plan, 0).split(" ")).toHaveLength(12);
  });
});

async function measure(flags: Parameters<typeof loadPlan>[0], signal = new AbortController().signal) {
  const plan = loadPlan(flags);
  let most = 0;
  const result = await runLoad({
    endpoint: { url: server!.url, key: null },
    plan,
    signal,
    now: () => performance.now(),
    onProgress: ({ running }) => {
      most = Math.max(most, running);
    },
  });
  return { plan, result, most };
}

describe("runLoad", () => {
  it("sends as many as planned, no more at once than allowed, and counts tokens", async () => {
    server = await scriptedServer((_, response) => answerChat(response, ["a", "b", "c"]));
    const { most, plan, result } = await measure({ requests: "20", concurrency: "4" });
    expect(server.requests).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(4);
    expect(result).toMatchObject({ completed: 20, completionTokens: 60, promptTokens: 180, cachedTokens: 80, errors: {} });
    expect(result.firsts).toHaveLength(20);
    const summary = loadSummary(plan, result);
    expect(summary.ttftMs.p50).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it("counts failures by code, and gives up where nothing works", async () => {
    server = await scriptedServer((_, response) => {
      response.writeHead(429).end(JSON.stringify({ error: { message: "full", code: "queue_full" } }));
    });
    const { result } = await measure({ requests: "1000", concurrency: "2" });
    expect(result.completed).toBe(0);
    expect(result.errors.queue_full).toBeGreaterThanOrEqual(50);
    expect(result.errors.queue_full).toBeLessThan(60);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    server = await scriptedServer((_, response) => {
      answerChat(response, ["a"]);
      if (server!.requests.length === 5) controller.abort();
    });
    const { result } = await measure({ requests: "1000", concurrency: "1" }, controller.signal);
    expect(result.stopped).toBe(true);
    expect(server.requests.length).toBeLessThan(10);
  });
});

describe("the report", () => {
  const plan = loadPlan({});
  const result = {
    elapsedMs: 2000,
    completed: 3,
    errors: { queue_full: 2 },
    latencies: [100, 200, 900],
    firsts: [10, 20, 30],
    gaps: [1, 2],
    promptTokens: 90,
    cachedTokens: 30,
    completionTokens: 300,
    stopped: false,
  };
  it.each([40, 80, 120])("fits %i columns", (columns) => {
    const screen = createScreen({ isTTY: true, columns, write: () => undefined }, { TERM: "dumb", LANG: "C.UTF-8" });
    const progress = { completed: 3, failed: 2, running: 1, elapsedMs: 2000, completionTokens: 300 };
    const text = [loadReport(plan, result, screen), ...loadLines(plan, progress, screen)].join("\n");
    for (const line of text.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(columns, 52));
    expect(text).toContain("queue_full  2");
    expect(text).toContain("1.50 a second");
    expect(loadLine(plan, progress)).toContain("3 done, 2 failed");
  });
  it("says nothing where nothing was measured", () => {
    const screen = createScreen({ write: () => undefined }, {});
    const empty = { ...result, completed: 0, latencies: [], firsts: [], gaps: [] };
    expect(loadReport(plan, empty, screen)).toContain("whole answer      -");
    expect(loadSummary(plan, empty).ttftMs.p50).toBeNull();
  });
});
