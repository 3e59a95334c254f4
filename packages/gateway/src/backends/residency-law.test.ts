import { systemClock } from "@arriero/fleet";
import { BackendEntry, ModelEntry, type ResidencyPolicy } from "@arriero/spec";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { LOCAL } from "../http/principal.ts";
import { Tally } from "../http/tally.ts";
import { Inference } from "../inference.ts";
import { residencyOfBody } from "../routing/asked-residency.ts";
import { callerResidency } from "../routing/caller-residency.ts";
import { describeModel } from "../routing/describe-backend.ts";
import type { Place } from "../routing/residency.ts";
import { anyPlace, anyPolicy } from "../routing/testing/arbitraries.ts";
import { mayReach } from "../routing/testing/may-reach.ts";
import type { Fault } from "../testing/faults.ts";
import { type FaultyUpstream, startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { noAffinity } from "../testing/no-affinity.ts";
import { requestOf } from "../testing/scripted-generation.ts";
import { openAiWire } from "../testing/wires.ts";
import { EnginePools } from "../upstream/engine-pools.ts";
import { BackendSet } from "./backend-set.ts";
import { RoutedModels } from "./routed-models.ts";

const RUNS = 150;
/** Each ends an attempt at once, before the answer or within it. */
const FAULTS: readonly (Fault | null)[] = [
  null,
  "500",
  "429 without Retry-After",
  "reset before headers",
  "cut mid-stream",
  "malformed chunk",
  "error event in the stream",
  "empty stream",
];

let pools: EnginePools;
let servers: FaultyUpstream[];
beforeAll(async () => {
  pools = new EnginePools();
  const start = (fault: Fault | null) => startFaultyUpstream({ wire: openAiWire, pieces: ["Llamas ", "carry ", "it."], fault });
  servers = await Promise.all(FAULTS.map(start));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await pools.close();
});

const withLines = (lines: Readonly<Record<string, readonly string[]>>) => ({
  headers: Object.fromEntries(Object.entries(lines).flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first]]))),
  headersDistinct: lines,
});
const regionsText = (regions: readonly string[] | null) => (regions === null ? [] : [regions.join(",")]);
const anyAsked = anyPolicy.filter(({ allowedRegions }) => allowedRegions === null || allowedRegions.length > 0);
const anyBackends = fc.array(fc.record({ place: anyPlace, server: fc.nat(FAULTS.length - 1) }), { minLength: 1, maxLength: 5 });

/** Asks once, through everything that a caller's words go through but HTTP; the ids of the backends that bytes came to. */
async function reach(
  backends: readonly { readonly place: Place; readonly server: number }[],
  layers: Record<"installation" | "organisation" | "key" | "header" | "metadata", ResidencyPolicy>,
): Promise<string[]> {
  const entries = backends.map(({ place, server }, index) =>
    BackendEntry.parse({ id: `b${index}`, kind: "openai", model: `b${index}`, url: `${servers[server]!.origin}/v1`, ...place }),
  );
  for (const server of servers) server.requests.length = 0;
  const services = { affinity: noAffinity, pools, limits: GATEWAY_LIMITS, clock: systemClock };
  const replicas = () => () => Promise.reject(new Error("there are no replicas here"));
  const model = describeModel("m", ModelEntry.parse({ backends: entries }), []);
  const set = new BackendSet(model, { services, affinity: noAffinity, replicas, idleMs: () => 1_000, draw: () => 0.5 });
  const routed = new RoutedModels([set], layers.installation, []);
  const lease = () => Promise.reject(new Error("nothing is leased here"));
  const inference = new Inference({ ...services, routed, replicas: { lease } });
  const tally = new Tally();
  const { allowedRegions, dataClass } = layers.key;
  tally.residency = callerResidency(
    { ...LOCAL, kind: "key", organisation: "acme", scopes: { ...LOCAL.scopes, allowedRegions, dataClass } },
    new Map([["acme", layers.organisation]]),
    withLines({
      "arriero-allowed-regions": regionsText(layers.header.allowedRegions),
      "arriero-data-class": layers.header.dataClass === null ? [] : [layers.header.dataClass],
    }),
  );
  const { allowedRegions: regions, dataClass: asked } = layers.metadata;
  tally.narrow(residencyOfBody({ metadata: { "arriero-allowed-regions": regions, "arriero-data-class": asked } }));
  const chat = { kind: "chat" as const, messages: [{ role: "user" as const, content: "one two three" }] };
  const request = requestOf({ model: "m", input: chat, sampling: { seed: 1, temperature: 0 } });
  try {
    for await (const _ of inference.generate(request, AbortSignal.timeout(10_000), tally));
  } catch {
    // Refused, or everything failed: what counts is where the bytes went.
  }
  return servers.flatMap(({ requests }) => requests.map((body) => String(body.model)));
}

it("no byte of a request reaches a backend outside any layer of its policy, whatever fails", { timeout: 120_000 }, async () => {
  let reached = 0;
  let kept = 0;
  const layers = fc.record({
    installation: anyPolicy,
    organisation: anyPolicy,
    key: anyPolicy,
    header: anyAsked,
    metadata: anyAsked,
  });
  await fc.assert(
    fc.asyncProperty(anyBackends, layers, async (backends, policies) => {
      const ids = await reach(backends, policies);
      const all = Object.values(policies);
      // Of undefined boundaries the operators' layers decide together: one may allow them where no other forbids it.
      const { installation, organisation } = policies;
      const words = [installation, organisation].map((layer) => layer.allowUndefinedBoundary);
      const allowUndefinedBoundary = words.includes(true) && !words.includes(false);
      for (const [index, { place }] of backends.entries()) {
        const inside = all.every((layer) => mayReach({ ...layer, allowUndefinedBoundary }, place));
        if (!inside) kept++;
        if (!ids.includes(`b${index}`)) continue;
        reached++;
        expect(inside).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
  // The law says something only where bytes went somewhere and might have gone elsewhere.
  expect(reached).toBeGreaterThan(RUNS / 10);
  expect(kept).toBeGreaterThan(RUNS / 2);
});
