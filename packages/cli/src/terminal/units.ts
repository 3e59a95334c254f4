const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Three significant figures at most: 7.62, 76.2, 762. */
function figures(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Decimal units, as disks and hubs print them: 7.62 MB. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value.toFixed(0) : figures(value)} ${BYTE_UNITS[unit]}`;
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** Parameters and the like: 812, 5.24 M, 1.10 B. */
export function magnitude(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  if (count < 999_500) return `${figures(count / 1e3)} K`;
  return count < 999.5e6 ? `${figures(count / 1e6)} M` : `${figures(count / 1e9)} B`;
}

/** A count with thin grouping: 131 072. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Milliseconds as latencies are read: 0.42 ms, 12.3 ms, 1.25 s. */
export function latency(ms: number): string {
  if (ms < 999.5) return `${figures(ms)} ms`;
  return `${figures(ms / 1000)} s`;
}

/** How long something took or will take: 48 s, 3 min 12 s, 2 h 05 min, 6 d 4 h. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** When, seen from `now`: "just now", "5 minutes ago", "3 weeks ago". */
export function ago(then: number, now: number): string {
  const steps: readonly (readonly [string, number])[] = [
    ["year", 365 * 86_400],
    ["month", 30 * 86_400],
    ["week", 7 * 86_400],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const seconds = (now - then) / 1000;
  for (const [unit, length] of steps) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}
