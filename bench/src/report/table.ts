import { type Metric, type Target, type Targets, verdict } from "./metric.ts";
import { quantity } from "./quantity.ts";

export interface TableSubject {
  readonly title: string;
  readonly peer: string;
  readonly targets: Targets;
}

/** A plain table, one row a metric, figures right-aligned. */
export function ratioTable({ peer, targets, title }: TableSubject, metrics: readonly Metric[]): string {
  const head = ["metric", "ours", peer, "ratio", "target", ""];
  const rows = metrics.map((metric) => [
    metric.name,
    quantity(metric.ours, metric.unit),
    quantity(metric.peer, metric.unit),
    metric.ratio === null ? "-" : metric.ratio.toFixed(2),
    targetText(targets[metric.name]),
    verdict(metric, targets),
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column >= 1 && column <= 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [title, line(head), ...rows.map(line)].join("\n");
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return "";
  if ("oursAtMost" in target) return `ours <= ${target.oursAtMost}`;
  return "atLeast" in target ? `>= ${target.atLeast}` : `<= ${target.atMost}`;
}
