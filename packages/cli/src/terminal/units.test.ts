import { describe, expect, it } from "vitest";
import { ago, bytes, grouped, latency, magnitude, percent, rate, span } from "./units.ts";

describe("units", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 KB"],
    [7_623_488, "7.62 MB"],
    [99_960_000, "100 MB"],
    [999_700_000, "1.00 GB"],
    [4_100_000_000, "4.10 GB"],
    [5e15, "5000 TB"],
  ])("bytes(%d)", (count, text) => expect(bytes(count)).toBe(text));
  it("rate", () => expect(rate(12_300_000)).toBe("12.3 MB/s"));
  it.each([
    [812, "812"],
    [12_400, "12.4 K"],
    [5_240_000, "5.24 M"],
    [1_100_048_384, "1.10 B"],
    [70_600_000_000, "70.6 B"],
  ])("magnitude(%d)", (count, text) => expect(magnitude(count)).toBe(text));
  it("grouped", () => {
    expect(grouped(512)).toBe("512");
    expect(grouped(131_072)).toBe("131 072");
    expect(grouped(1_234_567)).toBe("1 234 567");
  });
  it.each([
    [0.423, "0.42 ms"],
    [12.34, "12.3 ms"],
    [999.7, "1.00 s"],
    [12_500, "12.5 s"],
  ])("latency(%d)", (ms, text) => expect(latency(ms)).toBe(text));
  it.each([
    [400, "0 s"],
    [48_000, "48 s"],
    [192_000, "3 min 12 s"],
    [7_500_000, "2 h 05 min"],
    [532_800_000, "6 d 4 h"],
  ])("span(%d)", (ms, text) => expect(span(ms)).toBe(text));
  it("ago", () => {
    const now = Date.UTC(2025, 0, 31);
    expect(ago(now - 20_000, now)).toBe("just now");
    expect(ago(now + 5000, now)).toBe("just now");
    expect(ago(now - 60_000, now)).toBe("1 minute ago");
    expect(ago(now - 3 * 86_400_000, now)).toBe("3 days ago");
    expect(ago(now - 400 * 86_400_000, now)).toBe("1 year ago");
  });
  it("percent", () => {
    expect(percent(0)).toBe("0 %");
    expect(percent(0.034)).toBe("3.4 %");
    expect(percent(0.934)).toBe("93 %");
  });
});
