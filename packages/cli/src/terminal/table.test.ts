import { describe, expect, it } from "vitest";
import { createPalette } from "./palette.ts";
import { columnWidths, facts, table } from "./table.ts";
import { displayWidth } from "./text-width.ts";

const palette = createPalette("none");
const columns = [
  { title: "NAME", shrinkTo: 8 },
  { title: "SIZE", align: "right" as const },
  { title: "SOURCE", shrinkTo: 6 },
];

describe("table", () => {
  it("aligns names left and figures right", () => {
    const rows = [
      ["arriero-demo", "7.62 MB", "bundled"],
      ["日本", "41 GB", "hf:org/repo"],
    ];
    expect(table(columns, rows, { width: 80, palette })).toBe(
      ["NAME             SIZE  SOURCE", "arriero-demo  7.62 MB  bundled", "日本            41 GB  hf:org/repo"].join("\n"),
    );
  });
  it("shows titles alone when nothing is there", () =>
    expect(table(columns, [], { width: 80, palette })).toBe("NAME  SIZE  SOURCE"));
  it("measures coloured cells by what is seen", () => {
    const coloured = createPalette("truecolor");
    const rows = [[coloured.accent("a"), "1", "x"]];
    expect(columnWidths(columns, rows, 80)).toEqual([4, 4, 6]);
  });
  it("cuts what may be cut to fit a narrow terminal", () => {
    const rows = [["a-model-with-a-long-name", "7.62 MB", "https://models.example/a/b/c.gguf"]];
    for (const width of [30, 40, 60]) {
      for (const line of table(columns, rows, { width, palette }).split("\n"))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });
  it("never cuts a column below its least", () => {
    const rows = [["a-model-with-a-long-name", "7.62 MB", "https://models.example/a/b/c.gguf"]];
    expect(columnWidths(columns, rows, 1)).toEqual([8, 7, 6]);
  });
});

describe("facts", () => {
  it("indents the lines of a long value", () =>
    expect(
      facts(
        [
          ["size", "1 MB"],
          ["template", "a\nb"],
        ],
        palette,
      ),
    ).toBe("size      1 MB\ntemplate  a\n          b"));
});
