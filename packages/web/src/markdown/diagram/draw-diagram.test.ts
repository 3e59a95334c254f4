import { expect, it } from "vitest";
import { isDrawable, readDrawing } from "./draw-diagram.ts";

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>a → b</text></svg>';

it("takes a picture and its size from a frame", () => {
  const drawing = readDrawing({ svg: SVG, width: 120.4, height: 60 });
  expect(drawing).toMatchObject({ width: 121, height: 60 });
  const [head, data] = drawing!.address.split(",") as [string, string];
  expect([head, decodeURIComponent(data)]).toEqual(["data:image/svg+xml;charset=utf-8", SVG]);
});

it.each([
  undefined,
  null,
  "<svg></svg>",
  { failed: "Parse error" },
  { svg: "<html></html>", width: 10, height: 10 },
  { svg: 7, width: 10, height: 10 },
  { svg: SVG, width: Number.NaN, height: 10 },
  { svg: SVG, width: 10, height: 1e9 },
  { svg: SVG, width: "10", height: 10 },
  { svg: `<svg>${"x".repeat(400_000)}</svg>`, width: 10, height: 10 },
])("takes nothing else: %j", (answer) => expect(readDrawing(answer)).toBeNull());

it("does not begin what is empty or too long", () => {
  expect(["graph TD; A-->B", "  \n", "a".repeat(8_001)].map(isDrawable)).toEqual([true, false, false]);
});
