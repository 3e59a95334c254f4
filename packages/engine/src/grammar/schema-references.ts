import { schemaError } from "./schema-keywords.ts";

/** References one schema may resolve; a schema that expands itself without end meets this bound. */
const MAX_REFERENCES = 2000;

/** Looks up local references, `#` and `#/$defs/Name`, in one document. */
export class SchemaReferences {
  readonly #document: unknown;
  #resolved = 0;

  constructor(document: unknown) {
    this.#document = document;
  }

  /** The schema a reference means. Throws invalid_schema when it is not local or leads nowhere. */
  resolve(reference: unknown, path: string): unknown {
    if (typeof reference !== "string") throw schemaError(path, "$ref must be a string");
    if (!/^#(\/|$)/.test(reference)) throw schemaError(path, `$ref "${reference}" is not local: only # and #/... are followed`);
    if (++this.#resolved > MAX_REFERENCES) throw schemaError(path, `more than ${MAX_REFERENCES} references`);
    let at: unknown = this.#document;
    for (const step of reference.split("/").slice(1)) {
      const key = decode(step).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof at !== "object" || at === null || !Object.hasOwn(at, key))
        throw schemaError(path, `$ref "${reference}" leads nowhere`);
      at = (at as Readonly<Record<string, unknown>>)[key];
    }
    return at;
  }
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
