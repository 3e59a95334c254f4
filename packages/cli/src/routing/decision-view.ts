import type { RoutingDecision } from "@arriero/gateway";
import type { Screen } from "../terminal/screen.ts";
import { table } from "../terminal/table.ts";

const COLUMNS = [
  { title: "BACKEND" },
  { title: "KIND" },
  { title: "HARDWARE" },
  { title: "PURCHASE" },
  { title: "REGIONS", shrinkTo: 8 },
  { title: "BOUNDARY" },
  { title: "ALLOWED" },
  { title: "WHY NOT", shrinkTo: 16 },
];

/** A decision as a table of its backends, and a line with the first choice. */
export function decisionView(decision: { readonly model: string } & RoutingDecision, screen: Screen): string {
  const { backends, model, picked, policy, request } = decision;
  const rows = backends.map(({ allowed, boundary, hardware, id, kind, purchase, refusals, regions }) => [
    id,
    kind,
    hardware ?? "unknown",
    purchase,
    regions.join(", ") || "unknown",
    boundary,
    allowed ? "yes" : "no",
    refusals.map(({ message, rule }) => `${rule}: ${message}`).join("; "),
  ]);
  const choice = picked === null ? "no backend may take it" : `first choice ${picked}`;
  const line = `${model}, class ${request.class}, policy ${policy}: ${choice}`;
  return `${table(COLUMNS, rows, { width: screen.columns(), palette: screen.palette })}\n\n${screen.palette.quiet(line)}\n`;
}
