import { expect, it } from "vitest";
import { configChanges } from "./config-changes.ts";
import { ConfigSchema } from "./config-schema.ts";

const before = ConfigSchema.parse({ port: 9000, limits: { idleMs: 500 } });

it("takes over what can be, and leaves the rest by name", () => {
  const after = ConfigSchema.parse({
    port: 9001,
    engine: { threads: 3 },
    limits: { idleMs: 700, drainMs: 9 },
    cache: { models: ["llama"] },
    batches: { concurrency: 3 },
    prices: [{ model: "*", prompt: 1, completion: 2 }],
    organizations: { acme: { tokens: { amount: 5 } } },
    residency: { ownRegions: ["eu-central-1"] },
    models: { llama: { backends: [{ id: "own", kind: "engine" }] } },
  });
  const { afterRestart, config, live } = configChanges(before, after);
  expect([...live].sort()).toEqual([
    "cache.models",
    "limits.idleMs",
    "models",
    "organizations",
    "prices",
    "residency.ownRegions",
  ]);
  expect([...afterRestart].sort()).toEqual(["batches.concurrency", "engine.threads", "limits.drainMs", "port"]);
  expect(config).toEqual({
    ...before,
    limits: { ...before.limits, idleMs: 700 },
    cache: after.cache,
    prices: after.prices,
    organizations: after.organizations,
    residency: after.residency,
    models: after.models,
  });
});

it("goes on naming what waits for a restart", () => {
  const after = ConfigSchema.parse({ port: 9001, limits: { idleMs: 500 } });
  const first = configChanges(before, after);
  expect(first).toEqual({ config: before, live: [], afterRestart: ["port"] });
  expect(configChanges(first.config, after).afterRestart).toEqual(["port"]);
});

it("finds nothing in the same configuration", () => {
  expect(configChanges(before, structuredClone(before))).toEqual({ config: before, live: [], afterRestart: [] });
});
