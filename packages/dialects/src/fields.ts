import { ArrieroError } from "@arriero/spec";

/** Deepest JSON a caller may send where any JSON is allowed (schemas): `JSON.stringify` must survive it later. */
const MAX_JSON_DEPTH = 64;
const MAX_QUOTED = 48;

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** `min` itself is refused. */
  readonly exclusive?: boolean;
}

/**
 * An untrusted JSON object and where it stands in the caller's body. Every reader takes a key and returns `undefined`
 * when it is absent or null, the value when it obeys the rule, and throws `invalid_request` with `param` otherwise.
 * Only own properties are read, so `__proto__` and `constructor` are names like any other.
 */
export class Fields {
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;

  private constructor(object: Readonly<Record<string, unknown>>, path: string) {
    this.#object = object;
    this.path = path;
  }

  /** The whole body of a request. */
  static body(value: unknown): Fields {
    if (!isObject(value)) throw new ArrieroError("invalid_json", `The body must be a JSON object, but is ${describe(value)}.`);
    return new Fields(value, "");
  }

  static of(value: unknown, path: string): Fields {
    if (!isObject(value)) throw refusal(path, "an object", value);
    return new Fields(value, path);
  }

  /** The path of a field in the caller's own words: `messages[0].content`. */
  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** The value as it came; null counts as absent. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? undefined) : undefined;
  }

  keys(): string[] {
    return Object.keys(this.#object);
  }

  string(key: string, maxLength = Number.POSITIVE_INFINITY): string | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : stringAt(value, this.at(key), maxLength);
  }

  requiredString(key: string, maxLength = Number.POSITIVE_INFINITY): string {
    return stringAt(this.raw(key), this.at(key), maxLength, 1);
  }

  boolean(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw refusal(this.at(key), "true or false", value);
  }

  number(key: string, rule: NumberRule): number | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : numberAt(value, this.at(key), rule);
  }

  integer(key: string, rule: NumberRule): number | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : integerAt(value, this.at(key), rule);
  }

  oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw refusal(this.at(key), `one of ${allowed.map((each) => `"${each}"`).join(", ")}`, value);
    return found;
  }

  fields(key: string): Fields | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : Fields.of(value, this.at(key));
  }

  list(key: string, maxItems: number): readonly unknown[] | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : listAt(value, this.at(key), maxItems);
  }

  /** A JSON object kept whole, such as a JSON Schema. */
  json(key: string): Record<string, unknown> | undefined {
    const value = this.shallow(key);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw refusal(this.at(key), "an object", value);
    return value;
  }

  /** Any JSON, as it came, that can be written out again. */
  shallow(key: string): unknown {
    const value = this.raw(key);
    if (deeperThan(value, MAX_JSON_DEPTH)) {
      const message = `${this.at(key)} must be nested at most ${MAX_JSON_DEPTH} levels deep.`;
      throw new ArrieroError("invalid_request", message, { param: this.at(key) });
    }
    return value;
  }
}

export function stringAt(value: unknown, path: string, maxLength = Number.POSITIVE_INFINITY, minLength = 0): string {
  if (typeof value !== "string") throw refusal(path, "a string", value);
  if (value.length < minLength) throw refusal(path, "a string that is not empty", value);
  if (value.length > maxLength) throw refusal(path, `a string of at most ${maxLength} characters`, value);
  return value;
}

export function numberAt(value: unknown, path: string, rule: NumberRule): number {
  const inRange = typeof value === "number" && value >= rule.min && value <= rule.max && !(rule.exclusive && value === rule.min);
  if (!inRange) throw refusal(path, `a number ${range(rule)}`, value);
  return value;
}

export function integerAt(value: unknown, path: string, rule: NumberRule): number {
  const inRange = typeof value === "number" && Number.isInteger(value) && value >= rule.min && value <= rule.max;
  if (!inRange) throw refusal(path, `an integer ${range(rule)}`, value);
  return value;
}

export function listAt(value: unknown, path: string, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value)) throw refusal(path, "an array", value);
  if (value.length > maxItems) throw refusal(path, `an array of at most ${maxItems} items`, value);
  return value;
}

/** The error for a value that breaks a rule: `rule` completes "PATH must be ...". */
export function refusal(path: string, rule: string, value: unknown): ArrieroError {
  const found = value === undefined || value === null ? "is missing" : `is ${describe(value)}`;
  return new ArrieroError("invalid_request", `${path} must be ${rule}, but ${found}.`, { param: path });
}

/** The error for something that is well formed and that we do not do. */
export function unsupported(path: string, message: string): ArrieroError {
  return new ArrieroError("unsupported", message, { param: path });
}

/** A caller's value in an error message, shortened. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    if (value.length > MAX_QUOTED) return `${JSON.stringify(value.slice(0, MAX_QUOTED))}... (${value.length} characters)`;
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isObject(value)) return "an object";
  return String(value);
}

function range({ min, max, exclusive }: NumberRule): string {
  return exclusive ? `greater than ${min} and at most ${max}` : `from ${min} to ${max}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((child) => deeperThan(child, levels - 1));
}
