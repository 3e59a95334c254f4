import type { PullProgress } from "@arriero/engine";
import { describe, expect, it } from "vitest";
import { createScreen } from "../terminal/screen.ts";
import { displayWidth } from "../terminal/text-width.ts";
import { pullLine, pullLines, RateMeter } from "./pull-view.ts";

const screen = (columns: number) =>
  createScreen({ isTTY: true, columns, write: () => undefined }, { TERM: "dumb", LANG: "C.UTF-8" });
const progress: PullProgress = { phase: "downloading", file: "m.gguf", receivedBytes: 25e6, totalBytes: 100e6, resumedBytes: 0 };

describe("RateMeter", () => {
  it("counts from its first reading, so that resumed bytes are no speed", () => {
    const meter = new RateMeter();
    expect(meter.read(50e6, 0)).toBeNull();
    expect(meter.read(51e6, 100)).toBeNull();
    expect(meter.read(52e6, 1000)).toBe(2e6);
    expect(meter.read(56e6, 2000)).toBe(2.5e6);
  });
  it("begins anew with the next file", () => {
    const meter = new RateMeter();
    meter.read(9e6, 0);
    expect(meter.read(0, 1000)).toBeNull();
    expect(meter.read(1e6, 2000)).toBe(1e6);
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
