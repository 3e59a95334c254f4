export type Age = "today" | "yesterday" | "week" | "older";

const DAY_MS = 86_400_000;

/** How long ago, by the reader's calendar days. */
export function ageOf(at: number, now: number): Age {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (at >= midnight) return "today";
  if (at >= midnight - DAY_MS) return "yesterday";
  return at >= midnight - 6 * DAY_MS ? "week" : "older";
}

export type Row<Entry> = { kind: "age"; age: Age } | { kind: "entry"; entry: Entry };

/** Entries, latest first, with a row before each new age. */
export function rowsByAge<Entry extends { updatedAt: number }>(entries: readonly Entry[], now: number): Row<Entry>[] {
  const rows: Row<Entry>[] = [];
  let last: Age | undefined;
  for (const entry of entries) {
    const age = ageOf(entry.updatedAt, now);
    if (age !== last) rows.push({ kind: "age", age });
    rows.push({ kind: "entry", entry });
    last = age;
  }
  return rows;
}
