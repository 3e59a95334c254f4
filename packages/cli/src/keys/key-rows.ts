import { type ApiKey, DEFAULT_ORGANISATION, keyState } from "@arriero/store";
import type { Screen } from "../terminal/screen.ts";
import { table } from "../terminal/table.ts";
import { ago, grouped } from "../terminal/units.ts";

/** `arriero key list` for people. */
export function keyTable(keys: readonly ApiKey[], now: number, screen: Screen): string {
  const rows = keys.map((key) => [
    key.id,
    key.prefix,
    key.name,
    keyState(key, now),
    limits(key).join(", ") || "none",
    ago(key.createdAt, now),
  ]);
  return table(
    [
      { title: "ID" },
      { title: "PREFIX" },
      { title: "NAME", shrinkTo: 8 },
      { title: "STATE" },
      { title: "LIMITS", shrinkTo: 12 },
      { title: "CREATED" },
    ],
    rows,
    { width: screen.columns(), palette: screen.palette },
  );
}

function limits(key: ApiKey): readonly string[] {
  const said: readonly (string | null)[] = [
    key.organisationId === DEFAULT_ORGANISATION ? null : `of ${key.organisationId}`,
    key.models === null ? null : key.models.join(" "),
    key.requestsPerMinute === null ? null : `${grouped(key.requestsPerMinute)} requests/min`,
    key.tokensPerMinute === null ? null : `${grouped(key.tokensPerMinute)} tokens/min`,
    key.tokensPerDay === null ? null : `${grouped(key.tokensPerDay)} tokens/day`,
    key.budget === null ? null : `${key.budget.micros / 1_000_000} a ${key.budget.period}`,
    key.allowedRegions === null ? null : `in ${key.allowedRegions.join(" ")}`,
    key.dataClass,
    key.expiresAt === null ? null : `until ${new Date(key.expiresAt).toISOString().slice(0, 16)}Z`,
  ];
  return said.filter((part) => part !== null);
}
