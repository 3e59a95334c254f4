import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchEvents } from "./watch-events.ts";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = 0;
  onerror: (() => void) | null = null;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.made.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  /** The connection was cut, and the browser connects again by itself. */
  cut(): void {
    this.onerror?.();
  }

  /** The server answered something else than a stream. */
  refuse(): void {
    this.close();
    this.onerror?.();
  }
}

beforeEach(() => {
  FakeSource.made = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("hears each kind, and hangs up at the last", () => {
  const heard: string[] = [];
  watchEvents("/events", { on: { delta: (data) => heard.push(data), end: () => "end" } });
  const [source] = FakeSource.made;
  source!.dispatchEvent(new MessageEvent("delta", { data: "a" }));
  expect([heard, source!.readyState]).toEqual([["a"], 0]);
  source!.dispatchEvent(new MessageEvent("end", { data: "" }));
  expect(source!.readyState).toBe(FakeSource.CLOSED);
});

it("leaves a cut connection to the browser, and begins anew where it was refused", () => {
  const onRefused = vi.fn();
  watchEvents("/events", { on: {}, onRefused });
  FakeSource.made[0]!.cut();
  vi.runAllTimers();
  expect([FakeSource.made.length, onRefused.mock.calls.length]).toEqual([1, 0]);
  FakeSource.made[0]!.refuse();
  vi.runAllTimers();
  expect([FakeSource.made.length, onRefused.mock.calls.length]).toEqual([2, 1]);
});

it("does not come back once nobody watches", () => {
  const leave = watchEvents("/events", { on: {} });
  FakeSource.made[0]!.refuse();
  leave();
  vi.runAllTimers();
  expect(FakeSource.made).toHaveLength(1);
});
