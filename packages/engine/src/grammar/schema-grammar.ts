import { arrayRule } from "./array-rule.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { jsonBoolean, jsonNull, jsonValue } from "./json-rules.ts";
import { numberRule } from "./number-rule.ts";
import { objectRule } from "./object-rule.ts";
import { constraints, type SchemaObject, schemaError, schemaList } from "./schema-keywords.ts";
import { literals } from "./schema-literals.ts";
import { mergeSchemas } from "./schema-merge.ts";
import { SchemaReferences } from "./schema-references.ts";
import { stringRule } from "./string-rule.ts";

/** Schemas nested in one another, at most. */
const MAX_DEPTH = 64;

/** Where a schema stands while it is turned into rules. */
export interface SchemaPlace {
  /** JSON Pointer from the root, for messages. */
  readonly path: string;
  readonly depth: number;
  /** References followed since the last `{` or `[`: meeting one again would be left recursion. */
  readonly open: ReadonlySet<string>;
}

/** Turns the schemas of one document into rules of one grammar. */
export class SchemaGrammar {
  readonly rules: GrammarRules;
  readonly #references: SchemaReferences;
  readonly #byReference = new Map<string, string>();

  constructor(rules: GrammarRules, document: unknown) {
    this.rules = rules;
    this.#references = new SchemaReferences(document);
  }

  /** The rule for a member of an object or array: recursion is sound there, a character stands before it. */
  member(schema: unknown, place: SchemaPlace, step: string): string {
    return this.rule(schema, { path: `${place.path}/${step}`, depth: place.depth + 1, open: new Set() });
  }

  /** The name of a rule for the schema. */
  rule(schema: unknown, place: SchemaPlace): string {
    if (place.depth > MAX_DEPTH) throw schemaError(place.path, `schemas are nested more than ${MAX_DEPTH} deep`);
    const own = constraints(schema, place.path);
    if (Object.keys(own).length === 0) return jsonValue(this.rules);
    if ("$ref" in own) return this.#referring(own, place);
    if ("allOf" in own) return this.rule(this.#joined(own, place), deeper(place));
    for (const keyword of ["anyOf", "oneOf"] as const) {
      if (keyword in own) return this.#alternatives(own, keyword, place);
    }
    if ("enum" in own || "const" in own) return this.rules.add("literal", literals(own, place.path));
    return this.#typed(own, place);
  }

  #referring(own: SchemaObject, place: SchemaPlace): string {
    const { $ref, nullable, ...beside } = own;
    if (Object.keys(beside).length > 0) return this.rule(this.#inlined(own, place), deeper(place));
    const name = this.#reference($ref, place);
    return nullable === true ? this.rules.add(`${name}-or-null`, `${name} | ${jsonNull(this.rules)}`) : name;
  }

  #reference(reference: unknown, place: SchemaPlace): string {
    const target = this.#references.resolve(reference, place.path);
    const key = String(reference);
    if (place.open.has(key)) throw schemaError(place.path, `$ref "${key}" refers to itself without an object or array between`);
    const known = this.#byReference.get(key);
    if (known !== undefined) return known;
    const name = this.rules.reserve(key.split("/").at(-1) || "root-schema");
    // A reference met while its rule is being built may only be used below a `{` or `[`; `open` sees to that.
    this.#byReference.set(key, name);
    this.rules.define(name, this.rule(target, { ...deeper(place), open: new Set([...place.open, key]) }));
    return name;
  }

  /** Keywords beside $ref hold together with what it refers to. */
  #inlined(own: SchemaObject, place: SchemaPlace): SchemaObject {
    const { $ref, ...beside } = own;
    return mergeSchemas(constraints(this.#references.resolve($ref, place.path), place.path), beside, place.path);
  }

  #joined(own: SchemaObject, place: SchemaPlace): SchemaObject {
    const { allOf: _, ...beside } = own;
    return schemaList(own, "allOf", place.path).reduce<SchemaObject>((joined, part, index) => {
      const path = `${place.path}/allOf/${index}`;
      const kept = constraints(part, path);
      return mergeSchemas(joined, "$ref" in kept ? this.#inlined(kept, { ...place, path }) : kept, path);
    }, beside);
  }

  /** oneOf is read as anyOf: a grammar cannot count how many branches hold. */
  #alternatives(own: SchemaObject, keyword: "anyOf" | "oneOf", place: SchemaPlace): string {
    const { [keyword]: _, ...beside } = own;
    const names = schemaList(own, keyword, place.path).map((branch, index) => {
      const path = `${place.path}/${keyword}/${index}`;
      const alone = Object.keys(beside).length === 0;
      return this.rule(alone ? branch : { allOf: [beside, branch] }, { ...deeper(place), path });
    });
    return names.length === 1 ? names[0]! : this.rules.add("any-of", [...new Set(names)].join(" | "));
  }

  #typed(own: SchemaObject, place: SchemaPlace): string {
    const { nullable, ...schema } = own;
    const types = schema.type === undefined ? [impliedType(schema)] : [schema.type].flat();
    if (types.length === 0) throw schemaError(place.path, "type must name at least one type");
    const names = types.map((type) => this.#ofType(type, schema, place));
    if (nullable === true) names.push(jsonNull(this.rules));
    return names.length === 1 ? names[0]! : this.rules.add("any-type", [...new Set(names)].join(" | "));
  }

  #ofType(type: unknown, schema: SchemaObject, place: SchemaPlace): string {
    switch (type) {
      case "object":
        return objectRule(this, schema, place);
      case "array":
        return arrayRule(this, schema, place);
      case "string":
        return stringRule(this.rules, schema, place.path);
      case "number":
      case "integer":
        return numberRule(this.rules, type, schema, place.path);
      case "boolean":
        return jsonBoolean(this.rules);
      case "null":
        return jsonNull(this.rules);
      case "any":
        return jsonValue(this.rules);
      default:
        throw schemaError(place.path, `the type ${JSON.stringify(type)} is unknown`);
    }
  }
}

function deeper(place: SchemaPlace): SchemaPlace {
  return { ...place, depth: place.depth + 1 };
}

/** The type that keywords without `type` speak of. */
function impliedType(schema: SchemaObject): string {
  const has = (...keywords: string[]) => keywords.some((keyword) => keyword in schema);
  if (has("properties", "required", "additionalProperties")) return "object";
  if (has("items", "prefixItems", "minItems", "maxItems")) return "array";
  if (has("minLength", "maxLength", "pattern", "format")) return "string";
  if (has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) return "number";
  return "any";
}
