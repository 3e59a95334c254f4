import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { band, shuttle } from "./band.ts";
import { ASCII, glyphsFor, UNICODE } from "./glyphs.ts";
import { createPalette } from "./palette.ts";
import { displayWidth } from "./text-width.ts";

const style = { glyphs: UNICODE, palette: createPalette("none") };

describe("band", () => {
  it.each([
    [0, 8, "┄┄┄┄┄┄┄┄"],
    [0.5, 8, "▞▚▞▚┄┄┄┄"],
    [0.5, 5, "▞▚▖┄┄"],
    [0.7, 5, "▞▚▞▘┄"],
    [1, 8, "▞▚▞▚▞▚▞▚"],
    [1, 1, "▞"],
    [0.5, 0, ""],
  ])("%d over %i cells", (fraction, width, text) => expect(band(fraction, width, style)).toBe(text));

  it("mirrors its second row, so that two rows make diamonds", () => expect(band(1, 4, style, 1)).toBe("▚▞▚▞"));
  it("clamps what is out of range", () => {
    expect(band(7, 4, style)).toBe("▞▚▞▚");
    expect(band(-1, 4, style)).toBe("┄┄┄┄");
    expect(band(Number.NaN, 4, style)).toBe("┄┄┄┄");
  });
  it("is as wide as asked and never un-weaves", () => {
    const woven = (text: string) => [...text].filter((cell) => cell !== "┄").length;
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(120),
        (a, b, width) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          const [first, second] = [band(low, width, style), band(high, width, style)];
          expect(displayWidth(first)).toBe(width);
          expect(woven(first)).toBeLessThanOrEqual(woven(second));
        },
      ),
    );
  });
  it("falls back to ASCII", () => expect(band(0.5, 4, { ...style, glyphs: ASCII })).toBe("/\\--"));
  it("colours the weave alone", () =>
    expect(band(0.5, 2, { glyphs: UNICODE, palette: createPalette("ansi16") })).toBe(
      "\u001b[31m▞\u001b[39m\u001b[2m┄\u001b[22m",
    ));
});

describe("shuttle", () => {
  it("keeps its width and turns round at the ends", () => {
    for (let tick = 0; tick < 40; tick++) expect(displayWidth(shuttle(tick, 14, style))).toBe(14);
    expect(shuttle(0, 10, style)).toBe("▞▚▞▚▞▚┄┄┄┄");
    expect(shuttle(4, 10, style)).toBe("┄┄┄┄▞▚▞▚▞▚");
    expect(shuttle(8, 10, style)).toBe(shuttle(0, 10, style));
  });
  it("fits a narrow terminal", () => expect(shuttle(3, 4, style)).toHaveLength(4));
});

describe("glyphsFor", () => {
  it("knows terminals without Unicode", () => {
    expect(glyphsFor({ LANG: "en_GB.UTF-8" }, "linux")).toBe(UNICODE);
    expect(glyphsFor({ LANG: "C" }, "linux")).toBe(ASCII);
    expect(glyphsFor({ TERM: "linux", LANG: "en_GB.UTF-8" }, "linux")).toBe(ASCII);
    expect(glyphsFor({}, "win32")).toBe(ASCII);
  });
});
