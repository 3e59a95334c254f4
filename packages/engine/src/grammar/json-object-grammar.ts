import { GrammarRules } from "./grammar-rules.ts";
import { jsonObject } from "./json-rules.ts";

/** GBNF for any one JSON object, without text around it: `response_format: json_object`. */
export function jsonObjectGrammar(): string {
  const rules = new GrammarRules();
  return rules.text(jsonObject(rules));
}
