export type LogLevel = "debug" | "info" | "warn" | "error";

/** A line for the server's log. */
export interface FleetLogEntry {
  readonly level: LogLevel;
  /** Replica id, or null when it concerns the host. */
  readonly replica: string | null;
  readonly message: string;
  /** Fields of the replica's own structured log line. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A stderr line of a replica: pino JSON keeps its level and fields, anything else (native code) is `debug`. */
export function readEngineLog(replica: string, line: string): FleetLogEntry {
  const fields = parseRecord(line);
  if (fields === null || typeof fields.level !== "number") return { level: "debug", replica, message: line };
  const { level, msg, time: _time, pid: _pid, hostname: _hostname, ...rest } = fields;
  return { level: levelOf(Number(level)), replica, message: typeof msg === "string" ? msg : "", fields: rest };
}

function parseRecord(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function levelOf(pinoLevel: number): LogLevel {
  if (pinoLevel >= 50) return "error";
  if (pinoLevel >= 40) return "warn";
  return pinoLevel >= 30 ? "info" : "debug";
}
