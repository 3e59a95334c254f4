import { expect, test } from "vitest";
import { frameWork, type TraceEvent } from "./frames.ts";

const MAIN = { pid: 7, tid: 1 };
const event = (name: string, ts: number, dur?: number, thread = MAIN): TraceEvent => ({
  ...thread,
  name,
  ph: dur === undefined ? "R" : "X",
  ts,
  ...(dur === undefined ? {} : { dur }),
});
const named = (name: string, thread = MAIN): TraceEvent => ({ ...thread, name: "thread_name", ph: "M", ts: 0, args: { name } });

test("a frame's work is its own task and those until the next one begins", () => {
  const events = [
    named("CrRendererMain"),
    event("RunTask", 0, 900),
    event("BeginMainThreadFrame", 1_100),
    event("RunTask", 1_000, 4_000),
    event("RunTask", 6_000, 1_500),
    event("BeginMainThreadFrame", 17_800),
    event("RunTask", 17_700, 21_000),
    event("BeginMainThreadFrame", 51_100),
    event("RunTask", 51_000, 900),
  ];
  expect(frameWork(events, "dur")).toEqual([5.5, 21]);
  const half = events.map(({ dur, ...rest }) => (dur === undefined ? rest : { ...rest, dur, tdur: dur / 2 }));
  expect(frameWork(half, "tdur")).toEqual([2.75, 10.5]);
});

test("of several threads the tab that draws counts, and of no frames there is no work", () => {
  const other = { pid: 8, tid: 1 };
  const compositor = { pid: 7, tid: 2 };
  const frames = [1_000, 2_000, 3_000].map((ts) => event("BeginMainThreadFrame", ts, undefined, other));
  const events = [named("CrRendererMain"), named("CrRendererMain", other), named("Compositor", compositor), ...frames];
  expect(frameWork([...events, event("RunTask", 900, 300, other), event("RunTask", 900, 9_000, compositor)], "dur")).toEqual([
    0.3, 0,
  ]);
  expect(frameWork([named("CrRendererMain")], "dur")).toEqual([]);
});
