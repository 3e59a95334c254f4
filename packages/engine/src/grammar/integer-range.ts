import { charClass } from "./gbnf-text.ts";

/** Decimal digits an integer may have: below 2^63. */
export const MAX_INTEGER_DIGITS = 18;
const LARGEST = 10n ** BigInt(MAX_INTEGER_DIGITS) - 1n;

/**
 * A GBNF expression for the decimal integers from min to max, inclusive, written without leading zeros; null is open,
 * up to MAX_INTEGER_DIGITS digits. null when the range is empty.
 */
export function integerRange(min: bigint | null, max: bigint | null): string | null {
  const low = min ?? -LARGEST;
  const high = max ?? LARGEST;
  if (low > high) return null;
  const parts: string[] = [];
  if (low < 0n) {
    const negatives = naturalRange(high < 0n ? -high : 1n, -low);
    if (negatives !== null) parts.push(`"-" (${negatives})`);
  }
  if (high >= 0n) {
    const naturals = naturalRange(low > 0n ? low : 0n, high);
    if (naturals !== null) parts.push(naturals);
  }
  return parts.length === 0 ? null : parts.join(" | ");
}

/** The same for 0 <= low: one alternative group for each number of digits. */
export function naturalRange(low: bigint, high: bigint): string | null {
  if (low > high) return null;
  const parts: string[] = [];
  for (let digits = String(low).length; digits <= String(high).length; digits++) {
    const least = digits === 1 ? 0n : 10n ** BigInt(digits - 1);
    const most = 10n ** BigInt(digits) - 1n;
    parts.push(sameLength(String(low > least ? low : least), String(high < most ? high : most)));
  }
  return parts.join(" | ");
}

/** Digit strings of one length from low to high. */
function sameLength(low: string, high: string): string {
  if (low === "") return '""';
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(low.length);
  const [a, b] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  if (a === b) return join(digit(a, a), sameLength(lowRest, highRest));
  const nines = "9".repeat(lowRest.length);
  const zeros = "0".repeat(lowRest.length);
  const lowOpen = lowRest === zeros;
  const highOpen = highRest === nines;
  const parts: string[] = [];
  if (!lowOpen) parts.push(join(digit(a, a), sameLength(lowRest, nines)));
  const [first, last] = [lowOpen ? a : a + 1, highOpen ? b : b - 1];
  if (first <= last) parts.push(join(digit(first, last), anyDigits(lowRest.length)));
  if (!highOpen) parts.push(join(digit(b, b), sameLength(zeros, highRest)));
  return parts.length === 1 ? parts[0]! : `(${parts.join(" | ")})`;
}

function anyDigits(count: number): string {
  return count === 0 ? '""' : count === 1 ? "[0-9]" : `[0-9]{${count}}`;
}

function join(head: string, tail: string): string {
  return tail === '""' ? head : `${head} ${tail}`;
}

/** One digit from first to last. */
export function digit(first: number, last: number): string {
  return charClass([[first + 0x30, last + 0x30]]);
}
