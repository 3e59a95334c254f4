import { expect, test } from "vitest";
import { type PlotSeries, ratioPlot } from "./ratio-plot.ts";

function results(label: string, ratio: number): PlotSeries {
  const metrics = [
    { name: "decode.1", unit: "tok/s" as const, ours: 44, peer: 40, ratio },
    { name: "gap.worst", unit: "ms" as const, ours: 1, peer: 2, ratio: 0.0001 },
    { name: "rss.peak", unit: "bytes" as const, ours: null, peer: 2, ratio: null },
  ];
  return { label, metrics };
}

const subject = {
  title: "ours / theirs",
  caption: "a <cpu> & more",
  note: "",
  axis: { from: 0.03, to: 4 },
  targets: { "decode.1": { atLeast: 1.1 } },
  metrics: ["decode.1", "gap.worst", "rss.peak"],
};
const plot = ratioPlot(subject, [results("q4_0", 1.11), results("q4_k_m", 1.23)]);

test("every element is closed by its own name, and text is escaped", () => {
  const open: string[] = [];
  for (const [, closing, name, inner] of plot.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else if (!inner!.endsWith("/")) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(plot).toContain("a &#60;cpu&#62; &#38; more");
});

test("each ratio is labelled with its quantisation; a metric without one has no row", () => {
  expect(plot).toContain("1.11");
  expect(plot).toContain("1.23");
  expect(plot).not.toContain("rss.peak");
});

test("a ratio off the axis is drawn at its edge", () => {
  const [, width] = /viewBox="0 0 (\d+)/.exec(plot)!;
  for (const [, place] of plot.matchAll(/ x[12]="(-?[\d.]+)"/g)) {
    expect(Number(place)).toBeGreaterThanOrEqual(0);
    expect(Number(place)).toBeLessThanOrEqual(Number(width));
  }
});
