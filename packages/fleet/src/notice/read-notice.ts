/** When a machine's end was announced, and for when. */
export interface MachineNotice {
  /** Milliseconds since the epoch; null: soon, nobody says when. */
  readonly endsAt: number | null;
}

/** Kinds of Azure's scheduled events after which nothing runs on. `Freeze` is a pause of seconds. */
const AZURE_ENDS: ReadonlySet<string> = new Set(["Preempt", "Terminate", "Redeploy", "Reboot"]);

/**
 * What the answer of a cloud's metadata service says; null: nothing is announced. Told apart by their shapes:
 * - AWS `spot/instance-action`: 404 until there is a notice, then `{"action":"terminate","time":"2026-01-01T00:02:00Z"}`
 * - Google Cloud `instance/preempted`: `TRUE` or `FALSE`
 * - Azure `scheduledevents`: `{"Events":[{"EventType":"Preempt","NotBefore":"Thu, 01 Jan 2026 00:02:00 GMT"}]}`
 * - a file, or a server of one's own: any text but an empty one or `false`
 */
export function readNotice(text: string): MachineNotice | null {
  const said = text.trim();
  if (said === "" || /^(?:false|none)$/i.test(said)) return null;
  const value = parse(said);
  if (typeof value !== "object" || value === null) return { endsAt: null };
  if ("Events" in value) return ofAzure(value.Events);
  return { endsAt: timeOf("time" in value ? value.time : undefined) };
}

function ofAzure(events: unknown): MachineNotice | null {
  if (!Array.isArray(events)) return null;
  const ends = events.filter((event): event is { NotBefore?: unknown } => AZURE_ENDS.has(String(event?.EventType)));
  if (ends.length === 0) return null;
  const times = ends.flatMap(({ NotBefore }) => timeOf(NotBefore) ?? []);
  return { endsAt: times.length === 0 ? null : Math.min(...times) };
}

function timeOf(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
