import { type Metric, TARGETS, type Target, verdict } from "./metric.ts";
import { quantity } from "./quantity.ts";

const HEAD = ["metric", "ours", "llama-server", "ratio", "target", ""];

/** A plain table, one row a metric, figures right-aligned. */
export function ratioTable(title: string, metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => [
    metric.name,
    quantity(metric.ours, metric.unit),
    quantity(metric.peer, metric.unit),
    metric.ratio === null ? "-" : metric.ratio.toFixed(2),
    targetText(TARGETS[metric.name]),
    verdict(metric),
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column >= 1 && column <= 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [title, line(HEAD), ...rows.map(line)].join("\n");
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return "";
  return "atLeast" in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`;
}
