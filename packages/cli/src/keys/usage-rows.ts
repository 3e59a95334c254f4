import type { UsageReport } from "@arriero/gateway";
import { ArrieroError } from "@arriero/spec";
import type { Screen } from "../terminal/screen.ts";
import { table } from "../terminal/table.ts";
import { grouped } from "../terminal/units.ts";

const MICROS = 1_000_000;

/** The answer of /arriero/v1/usage; throws where the server is none of ours. */
export function readUsage(value: unknown): UsageReport {
  if (typeof value === "object" && value !== null && "usage" in value && Array.isArray(value.usage)) return value as UsageReport;
  throw new ArrieroError("unsupported", "The server does not list usage as Arriero does.", {
    hint: "Name an Arriero server with --url.",
  });
}

/** `arriero usage` for people: a row for each day, key and model, and the sum below. */
export function usageTable({ total, usage }: UsageReport, screen: Pick<Screen, "columns" | "palette">): string {
  const rows = [
    ...usage.map((row) => [row.day, row.key ?? "(local)", row.model, ...numbers(row)]),
    ["total", "", "", ...numbers(total)],
  ];
  return table(
    [
      { title: "DAY" },
      { title: "KEY", shrinkTo: 12 },
      { title: "MODEL", shrinkTo: 10 },
      { title: "REQUESTS", align: "right" },
      { title: "FAILED", align: "right" },
      { title: "PROMPT", align: "right" },
      { title: "CACHED", align: "right" },
      { title: "OUTPUT", align: "right" },
      { title: "COST", align: "right" },
    ],
    rows,
    { width: screen.columns(), palette: screen.palette },
  );
}

function numbers(row: UsageReport["total"]): readonly string[] {
  const { cachedTokens, completionTokens, costMicros, failures, promptTokens, requests } = row;
  return [...[requests, failures, promptTokens, cachedTokens, completionTokens].map(grouped), String(costMicros / MICROS)];
}
