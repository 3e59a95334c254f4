import { GrammarRules } from "./grammar-rules.ts";
import { SchemaGrammar } from "./schema-grammar.ts";

/**
 * Adds to `rules` what the schema admits and returns the name of its rule. Everything the rule accepts is valid
 * under the schema, but for what docs/structured-output.md names (oneOf, long maxima, duplicate extra keys).
 * Throws invalid_schema with the path and keyword at fault.
 */
export function addSchemaRules(rules: GrammarRules, schema: unknown): string {
  return new SchemaGrammar(rules, schema).rule(schema, { path: "#", depth: 0, open: new Set() });
}

/** GBNF for one JSON value that is valid under the schema (draft 2020-12 subset), without text around it. */
export function jsonSchemaToGbnf(schema: unknown): string {
  const rules = new GrammarRules();
  return rules.text(addSchemaRules(rules, schema));
}
