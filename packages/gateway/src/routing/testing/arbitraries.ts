import {
  type BackendDescription,
  Boundary,
  Capability,
  DataClass,
  Hardware,
  PriorityClass,
  Purchase,
  type ResidencyPolicy,
  RoutingPolicyName,
} from "@arriero/spec";
import fc from "fast-check";
import type { BackendSnapshot } from "../backend-snapshot.ts";
import type { Place } from "../residency.ts";
import type { RoutingChance, RoutingRequest, RoutingRules } from "../routing-request.ts";
import { backend } from "./fixtures.ts";

const region = fc.constantFrom("eu-west-1", "eu-central-1", "us-east-1", "ch", "here");
const pattern = fc.oneof(region, fc.constantFrom("eu-*", "us-*", "e*", "*"));

/** Mostly nothing: refusals for other reasons must not hide the one that a law is about. */
const rarely = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: some });

export const anyPolicy: fc.Arbitrary<ResidencyPolicy> = fc.record({
  allowedRegions: fc.option(fc.uniqueArray(pattern, { maxLength: 4 }), { freq: 2 }),
  dataClass: fc.option(fc.constantFrom(...DataClass.options), { freq: 2 }),
  allowUndefinedBoundary: fc.option(fc.boolean()),
});

export const anyPlace: fc.Arbitrary<Place> = fc.record({
  regions: fc.oneof(
    { weight: 6, arbitrary: fc.uniqueArray(region, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  boundary: fc.constantFrom("contractual", ...Boundary.options),
});

const limit = rarely(fc.integer({ min: 1, max: 20_000 }));
const price = fc.record({ input: fc.nat(9), cachedInput: fc.option(fc.nat(9)), output: fc.nat(9) });

const described: fc.Arbitrary<Partial<BackendDescription>> = fc
  .record({
    place: anyPlace,
    kind: fc.constantFrom("engine" as const, "openai" as const),
    weight: fc.double({ min: 0.001, max: 1000, noNaN: true }),
    pricePerMillion: fc.option(price, { freq: 9 }),
    hardware: fc.option(fc.constantFrom(...Hardware.options)),
    purchase: fc.constantFrom(...Purchase.options),
    limits: fc.record({ maxConcurrent: limit, requestsPerMinute: limit, tokensPerMinute: limit }),
    capabilities: fc.constantFrom(Capability.options, Capability.options.slice(0, 6)),
  })
  .map(({ place, ...rest }) => ({ ...place, ...rest }));

const counts = fc.record({ tokens: fc.nat(50_000), requests: fc.nat(4) });

const snapshot = fc.record({
  ready: fc.constantFrom(true, true, true, true, true, false),
  draining: rarely(fc.constant(true)).map((on) => on !== null),
  breaker: fc.constantFrom("freely" as const, "freely" as const, "as-probe" as const, "no" as const),
  ejected: rarely(fc.constant(true)).map((on) => on !== null),
  outstanding: counts,
  lastMinute: counts,
  firstTokenMs: fc.option(fc.nat(5000)),
  stallMs: fc.nat(60_000),
  readyForMs: fc.nat(60_000),
  prefixTokens: fc.nat(5000),
  adapters: fc.subarray(["pirate", "terse"]),
});

/** One to six backends in whatever state. */
export const anySnapshots: fc.Arbitrary<BackendSnapshot[]> = fc
  .array(fc.tuple(snapshot, described), { minLength: 1, maxLength: 6 })
  .map((all) => all.map(([state, changes], index) => ({ ...state, backend: backend(`b${index}`, changes) })));

export const anyRequest: fc.Arbitrary<RoutingRequest> = fc.record({
  class: fc.constantFrom(...PriorityClass.options),
  needs: rarely(fc.constantFrom(...Capability.options)).map((need) => (need === null ? [] : [need])),
  promptTokens: fc.nat(10_000),
  outputTokens: fc.nat(10_000),
  adapter: rarely(fc.constantFrom("pirate", "terse")),
  residency: anyPolicy,
  budgetLeftMicros: rarely(fc.nat(100_000)),
  avoided: fc.subarray(["b0", "b1", "b2"], { maxLength: 1 }),
});

const classDemand = fc.record({
  hardware: rarely(fc.subarray(Hardware.options, { minLength: 1 })),
  purchase: rarely(fc.subarray(Purchase.options, { minLength: 1 })),
});

export const anyRules: fc.Arbitrary<RoutingRules> = fc.record({
  policy: fc.constantFrom(...RoutingPolicyName.options),
  demands: fc.record({ realtime: classDemand, interactive: classDemand, batch: classDemand }, { requiredKeys: [] }),
});

export const anyChance: fc.Arbitrary<RoutingChance> = fc.record({
  turn: fc.nat(),
  draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
