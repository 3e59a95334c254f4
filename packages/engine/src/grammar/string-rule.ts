import type { GrammarRules } from "./grammar-rules.ts";
import { jsonString, stringChar } from "./json-rules.ts";
import { UnsupportedRegex } from "./regex-syntax.ts";
import { MAX_REPEAT, repeat } from "./repetition.ts";
import { count, type SchemaObject, schemaError } from "./schema-keywords.ts";
import { stringFormat } from "./string-format.ts";
import { stringPattern } from "./string-pattern.ts";

/** The rule for a string. A pattern is the closer description: beside it `format` is an annotation. */
export function stringRule(rules: GrammarRules, schema: SchemaObject, path: string): string {
  const hasLength = "minLength" in schema || "maxLength" in schema;
  if (schema.pattern !== undefined) {
    if (hasLength) throw schemaError(path, 'the keyword "pattern" is not supported beside minLength or maxLength');
    return patternRule(rules, schema.pattern, path);
  }
  const format = typeof schema.format === "string" ? stringFormat(rules, schema.format) : null;
  if (format !== null) {
    if (hasLength) throw schemaError(path, `the format "${schema.format}" is not supported beside minLength or maxLength`);
    return rules.add(`${schema.format}-string`, format);
  }
  const min = count(schema, "minLength", 0, path);
  const max = count(schema, "maxLength", null, path);
  if (min > MAX_REPEAT) throw schemaError(path, `minLength ${min} is above ${MAX_REPEAT}`);
  if (max !== null && max < min) throw schemaError(path, `maxLength ${max} is below minLength ${min}`);
  if (min === 0 && max === null) return jsonString(rules);
  return rules.add("text", `"\\"" ${repeat(stringChar(rules), min, max)} "\\""`);
}

function patternRule(rules: GrammarRules, pattern: unknown, path: string): string {
  if (typeof pattern !== "string") throw schemaError(path, "pattern must be a string");
  try {
    return rules.add("pattern", stringPattern(rules, pattern));
  } catch (thrown) {
    if (!(thrown instanceof UnsupportedRegex)) throw thrown;
    throw schemaError(path, `the pattern ${JSON.stringify(pattern).slice(0, 120)} is not supported: ${thrown.message}`);
  }
}
