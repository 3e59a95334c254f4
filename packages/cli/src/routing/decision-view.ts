import type { RoutingDecision } from "@arriero/gateway";
import type { Screen } from "../terminal/screen.ts";
import { facts, table } from "../terminal/table.ts";

const COLUMNS = [
  { title: "BACKEND" },
  { title: "KIND" },
  { title: "HARDWARE" },
  { title: "PURCHASE" },
  { title: "REGIONS", shrinkTo: 8 },
  { title: "BOUNDARY" },
  { title: "ALLOWED" },
];

/** A decision as a table of its backends, every reason against one, and a line with the first choice. */
export function decisionView(decision: { readonly model: string } & RoutingDecision, screen: Screen): string {
  const { backends, model, picked, policy, request } = decision;
  const rows = backends.map(({ allowed, boundary, hardware, id, kind, purchase, regions }) => [
    id,
    kind,
    hardware ?? "unknown",
    purchase,
    regions.join(", ") || "unknown",
    boundary,
    allowed ? "yes" : "no",
  ]);
  // Below the table and whole: a reason that is cut off explains nothing.
  const reasons = backends.flatMap(({ id, refusals }): [string, string][] =>
    refusals.length === 0 ? [] : [[id, refusals.map(({ message, rule }) => `${rule}: ${message}`).join("\n")]],
  );
  const choice = picked === null ? "no backend may take it" : `first choice ${picked}`;
  const line = `${model}, class ${request.class}, policy ${policy}: ${choice}`;
  const parts = [
    table(COLUMNS, rows, { width: screen.columns(), palette: screen.palette }),
    ...(reasons.length === 0 ? [] : [facts(reasons, screen.palette)]),
    screen.palette.quiet(line),
  ];
  return `${parts.join("\n\n")}\n`;
}
