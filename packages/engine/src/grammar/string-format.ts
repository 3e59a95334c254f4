import type { GrammarRules } from "./grammar-rules.ts";

/** The formats that shape the output; every other is an annotation, as JSON Schema has it. Values are GBNF without quotes. */
const FORMATS: Readonly<Record<string, (rules: GrammarRules) => string>> = {
  date,
  time,
  "date-time": (rules) => `${rules.shared("date", () => date())} "T" ${rules.shared("time", () => time())}`,
  uuid: (rules) => {
    const hex = rules.shared("hex", () => "[0-9a-fA-F]");
    return `${hex}{8} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{12}`;
  },
  ipv4: (rules) => {
    const octet = rules.shared("octet", () => '"25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9]? [0-9]');
    return `${octet} "." ${octet} "." ${octet} "." ${octet}`;
  },
};

export const SUPPORTED_FORMATS: readonly string[] = Object.keys(FORMATS);

/** A GBNF expression for JSON strings of the format, quotes included; null for a format that is an annotation. */
export function stringFormat(rules: GrammarRules, format: string): string | null {
  const body = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  return body === undefined ? null : `"\\"" ${rules.shared(format, () => body(rules))} "\\""`;
}

/** RFC 3339 full-date, days 01 to 31 whatever the month. */
function date(): string {
  return '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])';
}

/** RFC 3339 full-time: the offset is required. */
function time(): string {
  const clock = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]';
  return `${clock} ":" [0-5] [0-9] ("." [0-9]{1,9})? ("Z" | [-+] ${clock})`;
}
