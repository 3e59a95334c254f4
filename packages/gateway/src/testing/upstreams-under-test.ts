import { systemClock } from "@arriero/fleet";
import type { ExchangeLimits } from "../upstream/backend/bounded-exchange.ts";
import type { EnginePools } from "../upstream/engine-pools.ts";
import { EngineUpstream } from "../upstream/engine-upstream.ts";
import { OllamaUpstream } from "../upstream/ollama/ollama-upstream.ts";
import { type OpenAiOptions, OpenAiUpstream } from "../upstream/openai/openai-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { relaying } from "./relaying.ts";
import { engineWire, ollamaWire, openAiWire, type Wire } from "./wires.ts";

/** Long enough for a busy machine; tests of waits name a shorter one. */
export const PATIENCE_MS = 5_000;
export const limits = (ms: number): ExchangeLimits => ({ headersMs: ms, firstEventMs: ms, idleMs: ms, responseBytes: 1_000_000 });
const backend = (origin: string, path: string, patienceMs: number) => ({
  id: origin,
  url: origin + path,
  credential: null,
  nameOf: (model: string) => model,
  limits: limits(patienceMs),
});

export function openAi(pools: EnginePools, origin: string, more: Partial<OpenAiOptions> = {}, ms = PATIENCE_MS): OpenAiUpstream {
  const options = { prefill: "continue-flag", extendedSampling: true, runningUsage: false, honoursSeed: false } as const;
  return new OpenAiUpstream({ pools, clock: systemClock }, { ...backend(origin, "/v1", ms), ...options, ...more });
}

/** Every implementation of Upstream, and how its servers speak. */
export const UPSTREAMS: readonly {
  readonly name: string;
  readonly wire: Wire;
  open(pools: EnginePools, origin: string, patienceMs?: number): Upstream;
}[] = [
  {
    name: "EngineUpstream",
    wire: engineWire,
    open: (pools, url, ms = PATIENCE_MS) =>
      new EngineUpstream({ pools, clock: systemClock, limits: { firstEventMs: ms, idleMs: ms } }, { url, token: "t" }),
  },
  { name: "OpenAiUpstream", wire: openAiWire, open: (pools, origin, ms) => openAi(pools, origin, {}, ms) },
  {
    name: "OllamaUpstream",
    wire: ollamaWire,
    open: (pools, origin, ms = PATIENCE_MS) => new OllamaUpstream({ pools, clock: systemClock }, backend(origin, "", ms)),
  },
  {
    name: "OpenAiUpstream, relaying",
    wire: openAiWire,
    open: (pools, origin, ms) => relaying(openAi(pools, origin, {}, ms)),
  },
];
