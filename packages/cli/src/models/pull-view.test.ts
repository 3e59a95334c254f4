import type { PullProgress } from "@arriero/engine";
import { describe, expect, it } from "vitest";
import { createScreen } from "../terminal/screen.ts";
import { displayWidth } from "../terminal/text-width.ts";
import { pullLine, pullLines, RateMeter } from "./pull-view.ts";

const screen = (columns: number) =>
  createScreen({ isTTY: true, columns, write: () => undefined }, { TERM: "dumb", LANG: "C.UTF-8" });
const progress: PullProgress = { phase: "downloading", file: "m.gguf", receivedBytes: 25e6, totalBytes: 100e6, resumedBytes: 0 };

describe("RateMeter", () => {
  const at = (receivedBytes: number, resumedBytes = 0): PullProgress => ({ ...progress, receivedBytes, resumedBytes });
  it("is smoothed, and known once two readings lie far enough apart", () => {
    const meter = new RateMeter();
    expect(meter.read(at(0), 0)).toBeNull();
    expect(meter.read(at(1e6), 100)).toBeNull();
    expect(meter.read(at(2e6), 1000)).toBe(2e6);
    expect(meter.read(at(6e6), 2000)).toBe(2.5e6);
  });
  it("takes neither resumed bytes nor other phases for speed", () => {
    const meter = new RateMeter();
    meter.read({ ...at(0), phase: "resolving" }, 0);
    expect(meter.read(at(50e6, 50e6), 100)).toBeNull();
    expect(meter.read(at(51e6, 50e6), 1100)).toBe(1e6);
    expect(meter.read({ ...at(100e6, 50e6), phase: "verifying" }, 2000)).toBe(1e6);
  });
  it("begins anew with the next file", () => {
    const meter = new RateMeter();
    meter.read(at(9e6), 0);
    expect(meter.read(at(0), 1000)).toBeNull();
    expect(meter.read(at(1e6), 2000)).toBe(1e6);
  });
});

describe("pull views", () => {
  it("show band, share, amount, rate and time left", () => {
    expect(pullLines({ progress, rate: 5e6, tick: 0 }, screen(84))).toEqual([
      "downloading m.gguf",
      `${"▞▚".repeat(4)}${"┄".repeat(24)}  25 %  25.0 MB of 100 MB, 5.00 MB/s, 15 s left`,
    ]);
    expect(pullLine({ progress, rate: 5e6, tick: 0 })).toBe("downloading m.gguf: 25 %, 25.0 MB of 100 MB, 5.00 MB/s, 15 s left");
  });
  it("fit narrow terminals", () => {
    for (const line of pullLines({ progress, rate: 5e6, tick: 0 }, screen(60)))
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
  });
  it("do without a size", () => {
    const unknown = { ...progress, totalBytes: null };
    expect(pullLine({ progress: unknown, rate: null, tick: 0 })).toBe("downloading m.gguf: 25.0 MB");
    expect(pullLines({ progress: unknown, rate: null, tick: 3 }, screen(84))[1]).toContain("25.0 MB");
  });
});
