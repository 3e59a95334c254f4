import { OrganisationName } from "@arriero/spec";
import type { NewKey } from "@arriero/store";
import { UsageError } from "../invocation/usage-error.ts";

export interface KeyFlags {
  readonly name: string;
  readonly models?: string | undefined;
  readonly "requests-per-minute"?: string | undefined;
  readonly "tokens-per-minute"?: string | undefined;
  readonly "tokens-per-day"?: string | undefined;
  readonly budget?: string | undefined;
  readonly "budget-period"?: string | undefined;
  readonly organization?: string | undefined;
  readonly regions?: string | undefined;
  readonly "data-class"?: string | undefined;
  readonly expires?: string | undefined;
}

const HINT = "`arriero key create --help` shows what it takes.";
const MOST_A_MINUTE = 2_147_483_647;
const LONGEST_NAME = 100;
const HOUR_MS = 3_600_000;

function whole(flag: keyof KeyFlags, text: string | undefined, most: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`--${flag} is a whole number from 1 to ${most}, but was "${text}".`, HINT);
}

function names(flag: keyof KeyFlags, text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const list = text.split(",").map((name) => name.trim());
  if (list.every((name) => name !== "")) return list;
  throw new UsageError(`--${flag} is a list of names with commas between, but was "${text}".`, HINT);
}

/** `12.50` in millionths. By digits: a price must not be rounded by way of a fraction. */
function micros(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new UsageError(`--budget is an amount to six decimals, but was "${text}".`, HINT);
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0"));
}

/** `12h`, `90d` from `now`, or the end of a UTC date. */
function expiry(text: string, now: number): number {
  const span = /^(\d{1,5})(h|d)$/.exec(text);
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : Number.NaN;
  const at = span === null ? date : now + Number(span[1]) * HOUR_MS * (span[2] === "d" ? 24 : 1);
  if (at > now) return at;
  throw new UsageError(`--expires is a time to come, as 12h, 90d or 2027-01-31, but was "${text}".`, HINT);
}

function organisation(text: string | undefined): Pick<NewKey, "organisationId"> {
  if (text === undefined) return {};
  const parsed = OrganisationName.safeParse(text);
  if (parsed.success) return { organisationId: parsed.data };
  throw new UsageError(`--organization: ${parsed.error.issues[0]?.message}, but was "${text}".`, HINT);
}

/** The key of these flags; throws UsageError. */
export function keyPlan(flags: KeyFlags, now: number): NewKey {
  const { budget, expires, name } = flags;
  if (name.trim() === "" || name.length > LONGEST_NAME) {
    throw new UsageError(`A key's name has 1 to ${LONGEST_NAME} characters, but was "${name}".`, HINT);
  }
  const period = flags["budget-period"];
  if (period !== undefined && budget === undefined) throw new UsageError("--budget-period says nothing without --budget.", HINT);
  return {
    name,
    ...organisation(flags.organization),
    models: names("models", flags.models),
    requestsPerMinute: whole("requests-per-minute", flags["requests-per-minute"], MOST_A_MINUTE),
    tokensPerMinute: whole("tokens-per-minute", flags["tokens-per-minute"], MOST_A_MINUTE),
    tokensPerDay: whole("tokens-per-day", flags["tokens-per-day"], Number.MAX_SAFE_INTEGER),
    budget: budget === undefined ? null : { micros: micros(budget), period: period === "day" ? "day" : "month" },
    allowedRegions: names("regions", flags.regions),
    dataClass: flags["data-class"] ?? null,
    expiresAt: expires === undefined ? null : expiry(expires, now),
  };
}
