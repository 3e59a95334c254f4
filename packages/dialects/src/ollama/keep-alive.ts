import { type Fields, refusal } from "../fields.ts";

/** How long a model stays loaded after a request: milliseconds, or for good; undefined where the caller does not say. */
export type KeepAlive = number | "forever" | undefined;

const DURATION = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const MAX_LENGTH = 64;
/** What a timer of Node can wait: about 24 days. Longer is as good as for good. */
const MOST_MS = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `keep_alive`: seconds as a number, or a duration as Go writes them (`5m`, `1h30m`); negative is for good. */
export function parseKeepAlive(fields: Fields): KeepAlive {
  const value = fields.raw("keep_alive");
  if (value === undefined) return undefined;
  const ms = typeof value === "number" ? value * 1000 : typeof value === "string" ? durationMs(value) : null;
  if (ms === null || !Number.isFinite(ms)) {
    throw refusal(fields.at("keep_alive"), 'a number of seconds or a duration such as "5m"', value);
  }
  return ms < 0 || ms > MOST_MS ? "forever" : Math.round(ms);
}

function durationMs(text: string): number | null {
  if (text.length > MAX_LENGTH) return null;
  if (/^[+-]?\d+$/.test(text)) return Number(text) * 1000;
  if (!DURATION.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return text.startsWith("-") ? -ms : ms;
}
