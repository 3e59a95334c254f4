import { literal } from "./gbnf-text.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { jsonObject, whitespace } from "./json-rules.ts";
import { keyExcept } from "./key-except.ts";
import type { SchemaGrammar, SchemaPlace } from "./schema-grammar.ts";
import { nameList, type SchemaObject, schemaError, schemaMap } from "./schema-keywords.ts";

/** Properties one object may declare. */
const MAX_PROPERTIES = 1000;

interface Property {
  readonly rule: string;
  readonly required: boolean;
}

/**
 * The rule for an object: properties in the order declared, optional ones left out or not, others last. An object
 * that declares properties is closed unless `additionalProperties` opens it; one that declares none is open.
 */
export function objectRule(grammar: SchemaGrammar, schema: SchemaObject, place: SchemaPlace): string {
  const { rules } = grammar;
  const declared = schemaMap(schema, "properties", place.path);
  const required = new Set(nameList(schema, "required", place.path));
  const extra = schema.additionalProperties ?? (declared.length === 0 && required.size === 0);
  if (declared.length === 0 && required.size === 0 && extra === true) return jsonObject(rules);
  const undeclared = [...required].filter((name) => !declared.some(([known]) => known === name));
  if (undeclared.length > 0 && extra === false && schema.additionalProperties === false) {
    throw schemaError(place.path, `required names "${undeclared[0]}", which properties does not declare`);
  }
  const all = [...declared, ...undeclared.map((name) => [name, extra === false ? true : extra] as const)];
  if (all.length > MAX_PROPERTIES)
    throw schemaError(place.path, `${all.length} properties, at most ${MAX_PROPERTIES} are allowed`);
  const ws = whitespace(rules);
  const properties = all.map(([name, value]): Property => {
    const valueRule = grammar.member(value, place, `properties/${name}`);
    return {
      rule: rules.add(`${name}-kv`, `${literal(JSON.stringify(name))} ":" ${ws} ${valueRule}`),
      required: required.has(name),
    };
  });
  const others =
    extra === false
      ? null
      : otherMembers(
          grammar,
          extra,
          all.map(([name]) => name),
          place,
        );
  return objectOf(rules, properties, others);
}

/** A rule for one member whose key is none of the declared names. */
function otherMembers(grammar: SchemaGrammar, extra: unknown, names: readonly string[], place: SchemaPlace): string {
  const value = grammar.member(extra, place, "additionalProperties");
  return grammar.rules.add("other-kv", `${keyExcept(grammar.rules, names)} ":" ${whitespace(grammar.rules)} ${value}`);
}

/** Grows with the number of properties, not with the number of ways to leave some out: one rule for what follows each. */
function objectOf(rules: GrammarRules, properties: readonly Property[], others: string | null): string {
  const ws = whitespace(rules);
  const follows: string[] = [];
  follows[properties.length] = others === null ? "" : `("," ${ws} ${others})*`;
  for (let index = properties.length - 1; index > 0; index--) {
    const { rule, required } = properties[index]!;
    const member = `"," ${ws} ${rule}`;
    follows[index] = rules.add(`${rule}-rest`, `${required ? member : `(${member})?`} ${follows[index + 1]}`.trimEnd());
  }
  const firstRequired = properties.findIndex(({ required }) => required);
  const mayStart = firstRequired < 0 ? properties : properties.slice(0, firstRequired + 1);
  const bodies = mayStart.map(({ rule }, index) => `${rule} ${follows[index + 1]}`.trimEnd());
  if (firstRequired < 0 && others !== null) bodies.push(`${others} ${follows[properties.length]}`);
  const options = bodies.length === 0 ? [] : [`"{" ${ws} (${bodies.join(" | ")}) ${ws} "}"`];
  if (firstRequired < 0) options.push(`"{" ${ws} "}"`);
  return rules.add("object-of", options.join(" | "));
}
