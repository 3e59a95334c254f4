import { BackendEntry, ModelEntry, type ResidencyPolicy } from "@arriero/spec";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeModel } from "../routing/describe-backend.ts";
import { NO_RESIDENCY, type Place } from "../routing/residency.ts";
import { anyPlace, anyPolicy } from "../routing/testing/arbitraries.ts";
import { mayReach } from "../routing/testing/may-reach.ts";
import { FakeStore } from "../testing/fake-store.ts";
import type { Fault } from "../testing/faults.ts";
import { type FaultyUpstream, startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { ollamaWire, openAiWire } from "../testing/wires.ts";

/** `npm run soak -- residency` asks for more. */
const RUNS = Number(process.env["ARRIERO_SOAK_RESIDENCY"] ?? (process.env["ARRIERO_SOAK"] === "1" ? 1_000 : 25));
/** A request that nobody answers is given up: where its bytes went until then is what counts. */
const PATIENCE_MS = 600;
const FAULTS: readonly (Fault | null)[] = [
  null,
  null,
  "slow first byte",
  "stall mid-stream",
  "500",
  "429 without Retry-After",
  "reset before headers",
  "cut mid-stream",
  "malformed chunk",
  "error event in the stream",
];
const KINDS = ["openai", "ollama"] as const;

type Server = FaultyUpstream & { readonly kind: (typeof KINDS)[number] };
let servers: Server[];
beforeAll(async () => {
  const start = async (kind: Server["kind"], fault: Fault | null): Promise<Server> => {
    const wire = kind === "openai" ? openAiWire : ollamaWire;
    return { ...(await startFaultyUpstream({ wire, pieces: ["Llamas ", "carry ", "it."], fault, recordsBytes: true })), kind };
  };
  servers = await Promise.all(KINDS.flatMap((kind) => FAULTS.map((fault) => start(kind, fault))));
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** Ways to say something, each with the text in the dialect's own place. */
const ASKED: readonly ((text: string) => readonly [string, object])[] = [
  (text) => ["/v1/chat/completions", { messages: [{ role: "user", content: text }], stream: true, temperature: 0 }],
  (text) => ["/v1/chat/completions", { messages: [{ role: "user", content: text }], temperature: 0 }],
  (text) => ["/v1/chat/completions", { messages: [{ role: "user", content: text }], n: 1, seed: 3, temperature: 0.8 }],
  (text) => ["/v1/responses", { input: text, stream: true }],
  (text) => ["/v1/messages", { messages: [{ role: "user", content: text }], max_tokens: 20 }],
  (text) => ["/api/chat", { messages: [{ role: "user", content: text }] }],
];

interface Case {
  readonly backends: readonly { readonly place: Place; readonly server: number; readonly weight: number }[];
  readonly layers: Readonly<Record<"installation" | "key" | "header", ResidencyPolicy>>;
  readonly asked: readonly number[];
  readonly hedgeMs: number;
}

/** Three strict layers leave no backend: then nothing is learnt of the ways between those that are left. */
const orNothing = (policy: fc.Arbitrary<ResidencyPolicy>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(NO_RESIDENCY) }, { weight: 1, arbitrary: policy });

const anyCase: fc.Arbitrary<Case> = fc.record({
  backends: fc.array(
    fc.record({ place: anyPlace, server: fc.nat(FAULTS.length * KINDS.length - 1), weight: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 2, maxLength: 5 },
  ),
  layers: fc.record({
    installation: anyPolicy,
    key: orNothing(anyPolicy),
    header: orNothing(anyPolicy.filter(({ allowedRegions }) => allowedRegions === null || allowedRegions.length > 0)),
  }),
  asked: fc.array(fc.nat(ASKED.length - 1), { minLength: 1, maxLength: 3 }),
  hedgeMs: fc.constantFrom(0, 15),
});

/** What a case came to: the backends that bytes of each request reached, and what the log tells of the ways there. */
async function play({ asked, backends, hedgeMs, layers }: Case, run: number) {
  const entries = backends.map(({ place, server, weight }, index) => {
    const { kind, origin } = servers[server]!;
    // The path tells which backend was meant: several may be one server.
    const url = `${origin}/b${index}${kind === "openai" ? "/v1" : ""}`;
    return BackendEntry.parse({ id: `b${index}`, kind, url, weight, capabilities: CAPABILITIES, ...place });
  });
  const { allowedRegions, dataClass } = layers.key;
  const store = new FakeStore();
  const key = store.addKey("a", { allowedRegions, dataClass });
  const routing = {
    models: [describeModel("m", ModelEntry.parse({ backends: entries }), [])],
    residency: layers.installation,
    ownRegions: [],
  };
  const limits = { hedgeMs, hedgePercent: 100, idleMs: 100, continueMs: 1_000, drainMs: 50 };
  const gateway = await startTestGateway({ gateway: { routing, limits, requireKey: true, openStore: async () => store } });
  const headers = {
    authorization: `Bearer ${key}`,
    ...(layers.header.allowedRegions === null ? {} : { "arriero-allowed-regions": layers.header.allowedRegions.join(",") }),
    ...(layers.header.dataClass === null ? {} : { "arriero-data-class": layers.header.dataClass }),
  };
  const markers = asked.map((_, index) => `caravan-${run}-${index}-`);
  try {
    for (const [index, which] of asked.entries()) {
      const [path, body] = ASKED[which]!(`${markers[index]}of llamas`);
      const init = { headers, signal: AbortSignal.timeout(PATIENCE_MS) };
      await gateway
        .post(path, { model: "m", ...body }, init)
        .then((response) => response.text())
        .catch(() => undefined);
    }
  } finally {
    await gateway.close();
  }
  const lines = gateway.logged.filter((line) => line.msg === "request");
  return {
    reached: markers.map(reachedBy),
    hedged: lines.filter((line) => line.hedge !== undefined).length,
    continued: lines.filter((line) => Number(line.continuations) > 0).length,
  };
}

const CAPABILITIES = ["chat", "completions", "tools", "jsonSchema", "seed", "assistantPrefill"];

/** Backends to which a request with this text was sent, or any byte of it. */
function reachedBy(marker: string): string[] {
  const sent = servers.flatMap((server) => server.received()).flatMap((bytes) => bytes.split(/(?=POST \/)/));
  return sent.filter((request) => request.includes(marker)).map((request) => /^POST \/(b\d)\//.exec(request)?.[1] ?? "nowhere");
}

it(`${RUNS} random configurations over HTTP: no byte of a request reaches a backend outside its policy`, {
  timeout: 1_200_000,
}, async () => {
  const seen = { requests: 0, reached: 0, outside: 0, hedged: 0, continued: 0 };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async (each) => {
      const { continued, hedged, reached } = await play(each, run++);
      const { header, installation, key } = each.layers;
      // Only an operator may allow undefined boundaries; here only the installation has a word.
      const { allowUndefinedBoundary } = installation;
      const inside = each.backends.map(({ place }) =>
        [installation, key, header].every((layer) => mayReach({ ...layer, allowUndefinedBoundary }, place)),
      );
      seen.requests += reached.length;
      seen.reached += reached.flat().length;
      seen.outside += inside.filter((is) => !is).length;
      seen.hedged += hedged;
      seen.continued += continued;
      for (const id of reached.flat()) expect([id, inside[Number(id.slice(1))]]).toEqual([id, true]);
    }),
    { numRuns: RUNS },
  );
  console.log(`residency: ${JSON.stringify(seen)}, outside reached: 0`);
  // The law says something only where bytes went somewhere, might have gone elsewhere, and went the ways that are hard.
  expect(seen.reached).toBeGreaterThan(RUNS / 4);
  expect(seen.outside).toBeGreaterThan(RUNS / 4);
  if (RUNS >= 25) expect(seen.continued).toBeGreaterThan(0);
});
