import type { GrammarRules } from "./grammar-rules.ts";

/**
 * JSON's own productions. Whitespace is bounded (one space, or a line break with a small indent) and stands only
 * after `{ [ , :` and before `} ]`, so that a small model cannot circle in it; digits are bounded for the same reason.
 * `\u` escapes of surrogates are left out: every character of a string is one code point, which keeps lengths exact.
 */
export function whitespace(rules: GrammarRules): string {
  return rules.shared("ws", () => '(" " | "\\n" [ ]{0,32})?');
}

export function stringChar(rules: GrammarRules): string {
  return rules.shared("char", () => {
    const hex = rules.shared("hex", () => "[0-9a-fA-F]");
    const unit = `[0-9a-cA-CefEF] ${hex}{3} | [dD] [0-7] ${hex}{2}`;
    return `[^"\\\\\\x00-\\x1f\\x7f] | "\\\\" (["\\\\/bfnrt] | "u" (${unit}))`;
  });
}

export function jsonString(rules: GrammarRules): string {
  return rules.shared("string", () => `"\\"" ${stringChar(rules)}* "\\""`);
}

export function jsonInteger(rules: GrammarRules): string {
  return rules.shared("integer", () => '"-"? ("0" | [1-9] [0-9]{0,17})');
}

export function jsonNumber(rules: GrammarRules): string {
  return rules.shared("number", () => `${jsonInteger(rules)} ("." [0-9]{1,24})? ([eE] [-+]? [0-2]? [0-9]{1,2})?`);
}

export function jsonBoolean(rules: GrammarRules): string {
  return rules.shared("boolean", () => '"true" | "false"');
}

export function jsonNull(rules: GrammarRules): string {
  return rules.shared("null", () => '"null"');
}

export function jsonObject(rules: GrammarRules): string {
  return rules.shared("object", () => {
    const ws = whitespace(rules);
    const member = rules.add("member", `${jsonString(rules)} ":" ${ws} ${jsonValue(rules)}`);
    return `"{" ${ws} "}" | "{" ${ws} ${member} ("," ${ws} ${member})* ${ws} "}"`;
  });
}

export function jsonArray(rules: GrammarRules): string {
  return rules.shared("array", () => {
    const ws = whitespace(rules);
    const value = jsonValue(rules);
    return `"[" ${ws} "]" | "[" ${ws} ${value} ("," ${ws} ${value})* ${ws} "]"`;
  });
}

export function jsonValue(rules: GrammarRules): string {
  return rules.shared("value", () =>
    [jsonObject, jsonArray, jsonString, jsonNumber, jsonBoolean, jsonNull].map((rule) => rule(rules)).join(" | "),
  );
}
