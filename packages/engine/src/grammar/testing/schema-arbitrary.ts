import fc from "fast-check";

/** A schema, an instance valid by construction, and instances that break it in one place. */
export interface SchemaCase {
  readonly schema: Record<string, unknown>;
  readonly instance: unknown;
  readonly broken: readonly unknown[];
}

const key = fc.string({ unit: fc.constantFrom("a", "b", "_", '"', "\\", "ñ", "🦙", " "), minLength: 1, maxLength: 4 });

const text: fc.Arbitrary<SchemaCase> = fc
  .tuple(fc.string({ unit: "binary", maxLength: 12 }), fc.nat(3), fc.nat(3))
  .map(([raw, below, above]) => {
    const instance = raw.replace(/[\p{Surrogate}\x7f]/gu, "?");
    const length = [...instance].length;
    const [minLength, maxLength] = [Math.max(0, length - below), length + above];
    return {
      schema: { type: "string", minLength, maxLength },
      instance,
      broken: [0, null, "x".repeat(maxLength + 1), ...(minLength > 0 ? ["x".repeat(minLength - 1)] : [])],
    };
  });

const integer: fc.Arbitrary<SchemaCase> = fc
  .tuple(fc.maxSafeInteger(), fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(6))
  .map(([wide, down, up, scale]) => {
    const instance = Math.trunc(wide / 10 ** (scale + 4));
    const [minimum, maximum] = [instance - down, instance + up];
    return { schema: { type: "integer", minimum, maximum }, instance, broken: [minimum - 1, maximum + 1, "1", instance + 0.5] };
  });

const decimal = fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.nat(4)).map(([digits, scale]) => digits / 10 ** scale);
const number: fc.Arbitrary<SchemaCase> = fc
  .tuple(decimal, decimal, decimal, fc.boolean(), fc.boolean())
  .map(([a, b, c, openLow, openHigh]) => {
    const [low, instance, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
    const [minOpen, maxOpen] = [openLow && low < instance, openHigh && high > instance];
    return {
      schema: {
        type: "number",
        [minOpen ? "exclusiveMinimum" : "minimum"]: low,
        [maxOpen ? "exclusiveMaximum" : "maximum"]: high,
      },
      instance,
      broken: [low - 1, low - 0.0625, high + 1, high + 0.0625, ...(minOpen ? [low] : []), ...(maxOpen ? [high] : []), "1"],
    };
  });

const choice: fc.Arbitrary<SchemaCase> = fc
  .uniqueArray(fc.oneof(key, fc.integer(), fc.constant(null)), { minLength: 1, maxLength: 5 })
  .map((values) => ({ schema: { enum: values }, instance: values.at(-1), broken: ["zzz", [1]] }));

const scalar = fc.oneof(text, integer, number, choice);

const { any } = fc.letrec<{ any: SchemaCase; object: SchemaCase; array: SchemaCase; either: SchemaCase }>((tie) => ({
  any: fc.oneof({ maxDepth: 3, depthSize: "small" }, scalar, tie("object"), tie("array"), tie("either")),
  object: fc
    .uniqueArray(fc.record({ key, value: tie("any"), required: fc.boolean(), present: fc.boolean() }), {
      selector: (member) => member.key,
      maxLength: 5,
    })
    .map((members) => {
      const written = members.filter(({ required, present }) => required || present);
      const instance = Object.fromEntries(written.map(({ key, value }) => [key, value.instance]));
      const without = written
        .filter(({ required }) => required)
        .map(({ key }) => Object.fromEntries(Object.entries(instance).filter(([name]) => name !== key)));
      const inner = written.flatMap(({ key, value }) => value.broken.map((bad) => ({ ...instance, [key]: bad })));
      return {
        schema: {
          type: "object",
          properties: Object.fromEntries(members.map(({ key, value }) => [key, value.schema])),
          required: members.filter(({ required }) => required).map(({ key }) => key),
          additionalProperties: false,
        },
        instance,
        broken: [1, [], { ...instance, unknown: 1 }, ...without, ...inner.slice(0, 6)],
      };
    }),
  array: fc.tuple(tie("any"), fc.nat(3), fc.nat(2)).map(([item, length, above]) => {
    const instance = Array.from({ length }, () => item.instance);
    const long = Array.from({ length: length + above + 1 }, () => item.instance);
    return {
      schema: { type: "array", items: item.schema, minItems: length, maxItems: length + above },
      instance,
      broken: [
        1,
        {},
        long,
        ...(length > 0 ? [instance.slice(1), ...item.broken.slice(0, 3).map((bad) => [bad, ...instance.slice(1)])] : []),
      ],
    };
  }),
  either: tie("any").map((inner) => ({
    schema: { anyOf: [{ type: "boolean" }, inner.schema] },
    instance: inner.instance,
    broken: inner.broken,
  })),
}));

/** Integer-like keys are left out: JavaScript would reorder them. */
export const schemaCase: fc.Arbitrary<SchemaCase> = any;
