import type { Palette } from "./palette.ts";
import { type Alignment, displayWidth, pad, truncate } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: Alignment;
  /** May be cut, down to this many cells, where the terminal is narrow. */
  readonly shrinkTo?: number;
}

const GAP = 2;

/** Widths of the columns within `width` cells: the widest that may shrink gives way first. */
export function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[index] ?? ""))),
  );
  const total = () => widths.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, columns.length - 1);
  while (total() > width) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (column.shrinkTo === undefined || widths[index]! <= column.shrinkTo) continue;
      if (widest < 0 || widths[index]! > widths[widest]!) widest = index;
    }
    if (widest < 0) break;
    widths[widest]! -= 1;
  }
  return widths;
}

/** Aligned columns under quiet titles. Lines carry no trailing space. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { width: number; palette: Palette },
): string {
  const widths = columnWidths(columns, rows, options.width);
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        const fitted = displayWidth(cell) > widths[index]! ? truncate(cell, widths[index]!) : cell;
        return pad(fitted, widths[index]!, column.align);
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  const head = options.palette.quiet(line(columns.map((column) => column.title)));
  return [head, ...rows.map(line)].join("\n");
}

/** `label   value` lines with the labels in one column, for one thing shown at length. */
export function facts(pairs: readonly (readonly [label: string, value: string])[], palette: Palette): string {
  const width = Math.max(0, ...pairs.map(([label]) => displayWidth(label)));
  return pairs
    .map(([label, value]) => {
      const indent = `\n${" ".repeat(width + GAP)}`;
      return `${palette.quiet(pad(label, width))}${" ".repeat(GAP)}${value.split("\n").join(indent)}`.trimEnd();
    })
    .join("\n");
}
