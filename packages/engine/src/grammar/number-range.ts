import { digit, integerRange, MAX_INTEGER_DIGITS, naturalRange } from "./integer-range.ts";

/** A bound of a number range; null where the range is open. */
export interface NumberBounds {
  readonly min: number | null;
  readonly max: number | null;
  readonly minExclusive: boolean;
  readonly maxExclusive: boolean;
}

/** Digits written after the point, at most. */
const MAX_FRACTION_DIGITS = 16;
const ANY = `[0-9]{0,${MAX_FRACTION_DIGITS}}`;
const LARGEST = "9".repeat(MAX_INTEGER_DIGITS);

/** One side of a range of non-negative numbers, as decimal digits. */
interface Side {
  readonly whole: bigint;
  /** Digits after the point, without trailing zeros. */
  readonly fraction: string;
  readonly exclusive: boolean;
}

/**
 * A GBNF expression for the numbers in the bounds, in plain decimal notation (no exponent), at most
 * MAX_INTEGER_DIGITS digits before and about MAX_FRACTION_DIGITS after the point. null when the range is empty;
 * undefined when a bound has no plain decimal notation in JavaScript (1e21, 1e-7).
 */
export function numberRange(bounds: NumberBounds): string | null | undefined {
  const low = bounds.min === null ? null : side(Math.abs(bounds.min), bounds.minExclusive);
  const high = bounds.max === null ? null : side(Math.abs(bounds.max), bounds.maxExclusive);
  if (low === undefined || high === undefined) return undefined;
  const zero: Side = { whole: 0n, fraction: "", exclusive: false };
  const most: Side = { whole: BigInt(LARGEST), fraction: "", exclusive: false };
  const lowIsNegative = bounds.min === null || bounds.min < 0;
  const highIsNegative = bounds.max !== null && bounds.max < 0;
  const parts: string[] = [];
  if (lowIsNegative) {
    const negative = unsignedRange(highIsNegative ? high! : { ...zero, exclusive: true }, low ?? most);
    if (negative !== null) parts.push(`"-" (${negative})`);
  }
  if (!highIsNegative) {
    const positive = unsignedRange(lowIsNegative ? zero : low!, high ?? most);
    if (positive !== null) parts.push(positive);
  }
  return parts.length === 0 ? null : parts.join(" | ");
}

/** Whole bounds of the integers in a number range. */
export function integerBounds(bounds: NumberBounds): { min: bigint | null; max: bigint | null } {
  const { min, max } = bounds;
  const low = min === null ? null : BigInt(Math.ceil(min)) + (bounds.minExclusive && Number.isInteger(min) ? 1n : 0n);
  const high = max === null ? null : BigInt(Math.floor(max)) - (bounds.maxExclusive && Number.isInteger(max) ? 1n : 0n);
  return { min: low, max: high };
}

/** Integers of the range as GBNF; null when there is none. */
export function integersWithin(bounds: NumberBounds): string | null {
  const { min, max } = integerBounds(bounds);
  return integerRange(min, max);
}

function side(value: number, exclusive: boolean): Side | undefined {
  const text = String(value);
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const [whole, fraction = ""] = text.split(".");
  return whole!.length > MAX_INTEGER_DIGITS ? undefined : { whole: BigInt(whole!), fraction, exclusive };
}

function unsignedRange(low: Side, high: Side): string | null {
  if (low.whole > high.whole) return null;
  if (low.whole === high.whole) return withWhole(low.whole, between(low, high));
  const parts: string[] = [];
  parts.push(withWhole(low.whole, atLeast(low.fraction, low.exclusive))!);
  const middle = naturalRange(low.whole + 1n, high.whole - 1n);
  if (middle !== null) parts.push(`(${middle}) ("." [0-9] ${ANY})?`);
  const top = withWhole(high.whole, atMost(high.fraction, high.exclusive));
  if (top !== null) parts.push(top);
  return parts.join(" | ");
}

/** Digits after the point that are allowed, and whether there may be none. */
interface Fraction {
  readonly digits: string | null;
  readonly mayBeAbsent: boolean;
}

function withWhole(whole: bigint, fraction: Fraction): string | null {
  const head = `"${whole}"`;
  if (fraction.digits === null) return fraction.mayBeAbsent ? head : null;
  return fraction.mayBeAbsent ? `${head} ("." ${fraction.digits})?` : `${head} "." ${fraction.digits}`;
}

const zeros = (text: string) => /^0*$/.test(text);

/** Fractions >= the bound (or > it). A fraction always has at least one digit when it is written. */
function atLeast(bound: string, exclusive: boolean): Fraction {
  if (zeros(bound)) return exclusive ? { digits: `[0]{0,${MAX_FRACTION_DIGITS}} [1-9] ${ANY}`, mayBeAbsent: false } : open();
  return { digits: `(${above(bound, exclusive)})`, mayBeAbsent: false };
}

function open(): Fraction {
  return { digits: `[0-9] ${ANY}`, mayBeAbsent: true };
}

/** Digit strings d with 0.d >= 0.bound (or >); bound "" is zero. */
function above(bound: string, exclusive: boolean): string {
  if (zeros(bound)) return exclusive ? `[0]{0,${MAX_FRACTION_DIGITS}} [1-9] ${ANY}` : ANY;
  const first = Number(bound[0]);
  const parts = [`${digit(first, first)} (${above(bound.slice(1), exclusive)})`];
  if (first < 9) parts.push(`${digit(first + 1, 9)} ${ANY}`);
  return parts.join(" | ");
}

/** Fractions <= the bound (or < it). */
function atMost(bound: string, exclusive: boolean): Fraction {
  if (zeros(bound))
    return exclusive ? { digits: null, mayBeAbsent: false } : { digits: `[0]{1,${MAX_FRACTION_DIGITS}}`, mayBeAbsent: true };
  return { digits: `(${below(bound, exclusive, false)})`, mayBeAbsent: true };
}

/** Digit strings d with 0.d <= 0.bound (or <); `optional`: d may be empty. */
function below(bound: string, exclusive: boolean, optional = true): string {
  if (zeros(bound)) return `[0]{${optional ? 0 : 1},${MAX_FRACTION_DIGITS}}`;
  const first = Number(bound[0]);
  const rest = bound.slice(1);
  const parts: string[] = [];
  if (first > 0) parts.push(`${digit(0, first - 1)} ${ANY}`);
  if (!(exclusive && zeros(rest))) parts.push(`${digit(first, first)} (${below(rest, exclusive)})`);
  if (optional) parts.push('""');
  return parts.join(" | ");
}

/** Fractions between two bounds of the same whole part. */
function between(low: Side, high: Side): Fraction {
  const width = Math.max(low.fraction.length, high.fraction.length);
  const [a, b] = [low.fraction.padEnd(width, "0"), high.fraction.padEnd(width, "0")];
  if (a > b || (a === b && (low.exclusive || high.exclusive))) return { digits: null, mayBeAbsent: false };
  const mayBeAbsent = zeros(a) && !low.exclusive;
  const digits = within(a, b, low.exclusive, high.exclusive, false);
  return { digits: digits === null ? null : `(${digits})`, mayBeAbsent };
}

/** Digit strings d with 0.a <= 0.d <= 0.b for a, b of one length, a <= b; null when there is none. */
function within(a: string, b: string, aExclusive: boolean, bExclusive: boolean, optional: boolean): string | null {
  if (a === b) return aExclusive || bExclusive ? null : exactly(a, optional);
  const [first, last] = [Number(a[0]), Number(b[0])];
  if (first === last) {
    const absent = optional && zeros(a) && !aExclusive;
    const rest = within(a.slice(1), b.slice(1), aExclusive, bExclusive, zeros(a.slice(1)) && !aExclusive);
    const parts = [...(rest === null ? [] : [`${digit(first, first)} (${rest})`]), ...(absent ? ['""'] : [])];
    return parts.length === 0 ? null : parts.join(" | ");
  }
  const parts = [`${digit(first, first)} (${above(a.slice(1), aExclusive)})`];
  if (first + 1 <= last - 1) parts.push(`${digit(first + 1, last - 1)} ${ANY}`);
  if (!(bExclusive && zeros(b.slice(1)))) parts.push(`${digit(last, last)} (${below(b.slice(1), bExclusive)})`);
  if (optional && zeros(a) && !aExclusive) parts.push('""');
  return parts.join(" | ");
}

/** The digits with any number of zeros behind. */
function exactly(digits: string, optional: boolean): string {
  const bare = digits.replace(/0+$/, "");
  if (bare === "") return `[0]{${optional ? 0 : 1},${MAX_FRACTION_DIGITS}}`;
  return `"${bare}" [0]{0,${MAX_FRACTION_DIGITS}}`;
}
