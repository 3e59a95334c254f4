import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { FAULTS, type Fault, patienceMs } from "../testing/faults.ts";
import { type FaultyOptions, type FaultyUpstream, startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { requestOf } from "../testing/scripted-generation.ts";
import { openAi, UPSTREAMS } from "../testing/upstreams-under-test.ts";
import { openAiWire } from "../testing/wires.ts";
import { continueGeneration, type PickUpstream } from "./continuation.ts";
import { EnginePools } from "./engine-pools.ts";
import type { OpenAiOptions } from "./openai/openai-upstream.ts";
import type { Upstream } from "./upstream.ts";

const PIECES = ["The", " caravan", ":\n\n", "🦙", " goes", " on", ", año", " tras", " año", "."];
const TEXT = PIECES.join("");
const CHAT = { kind: "chat" as const, messages: [{ role: "user" as const, content: "hello" }] };
const pools = new EnginePools();
const servers: FaultyUpstream[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close().catch(() => undefined)));
});
afterAll(() => pools.close());

async function serve(options: Omit<FaultyOptions, "pieces">): Promise<string> {
  const server = await startFaultyUpstream({ pieces: PIECES, ...options });
  servers.push(server);
  return server.origin;
}

/** In order, leaving out those to be avoided. */
const inOrder =
  (...upstreams: Upstream[]): PickUpstream =>
  async (avoid) => {
    const upstream = upstreams.find(({ id }) => (avoid.get(id) ?? 0) <= Date.now());
    if (upstream === undefined) throw new ArrieroError("replica_unavailable", "none is left");
    return { upstream, release: () => undefined };
  };

/** What a caller gets: the text, and the code of the error that ended it. */
async function outcome(pick: PickUpstream, request: GenerationRequest): Promise<{ text: string; ended: string }> {
  const events: GenerationEvent[] = [];
  const options = { pick, limits: GATEWAY_LIMITS, clock: systemClock, signal: new AbortController().signal };
  let ended = "nothing";
  try {
    for await (const event of continueGeneration(request, options)) events.push(event);
    const last = events.at(-1);
    ended = last?.type === "error" ? last.error.code : (last?.type ?? "nothing");
  } catch (thrown) {
    ended = thrown instanceof ArrieroError ? thrown.code : String(thrown);
  }
  expect(events.filter(({ type }) => type === "start").length).toBeLessThanOrEqual(1);
  expect(events.filter(({ type }) => type === "finish").length).toBeLessThanOrEqual(1);
  if (ended === "usage") expect(events.at(-2)?.type).toBe("finish");
  return { text: events.map((event) => (event.type === "text" ? event.text : "")).join(""), ended };
}

const WHOLE = { text: TEXT, ended: "usage" };
const SAMPLED = requestOf({ input: CHAT, sampling: { temperature: 0.8, seed: 7 } });
const GREEDY = requestOf({ input: CHAT, sampling: { temperature: 0, seed: 7 } });
const COUNTED: Partial<OpenAiOptions> = { runningUsage: true };
const DUMB: Partial<OpenAiOptions> = { prefill: "none" };

/** What a fault comes to when nobody else can help: the error's code, and whether it comes after the answer began. */
const ALONE: Readonly<Record<Fault, string>> = {
  "refuse connection": "replica_failed",
  "reset before headers": "replica_failed",
  "429 with Retry-After": "rate_limited",
  "429 without Retry-After": "rate_limited",
  "500": "replica_failed",
  "503": "replica_unavailable",
  "hang before headers": "upstream_timeout",
  "slow first byte": "upstream_timeout",
  "cut mid-stream": "replica_failed",
  "cut mid-frame": "replica_failed",
  "stall mid-stream": "upstream_timeout",
  "malformed chunk": "replica_failed",
  "duplicated chunk": "replica_failed",
  "finish out of order": "replica_failed",
  "error event in the stream": "replica_failed",
  "empty stream": "replica_failed",
  "missing finish and end": "replica_failed",
  "wrong content type": "replica_failed",
  "invalid UTF-8": "replica_failed",
  "rejects prefill": "usage",
};

describe.each(FAULTS)("an OpenAI backend: %s", (fault) => {
  it("is made good by prefilling the second", async () => {
    const first = openAi(pools, await serve({ wire: openAiWire, fault }), COUNTED, patienceMs(fault));
    const second = openAi(pools, await serve({ wire: openAiWire }));
    expect(await outcome(inOrder(first, second), SAMPLED)).toEqual(WHOLE);
  });

  it("is made good by generating again on a second that cannot prefill", async () => {
    const first = openAi(pools, await serve({ wire: openAiWire, fault }), COUNTED, patienceMs(fault));
    const second = openAi(pools, await serve({ wire: openAiWire }), DUMB);
    expect(await outcome(inOrder(first, second), GREEDY)).toEqual(WHOLE);
  });

  it("ends in a coded error, never in half an answer, when no way is left", async () => {
    const first = openAi(pools, await serve({ wire: openAiWire, fault }), DUMB, patienceMs(fault));
    const pick = inOrder(first);
    const { ended, text } = await outcome(async (avoid, patience) => {
      // The only backend there is comes again after each break; one that cannot go on does not.
      const again = new Map([...avoid].filter(([, until]) => until === Number.POSITIVE_INFINITY));
      return pick(again, patience);
    }, SAMPLED);
    expect(ended).toBe(ALONE[fault]);
    if (fault !== "duplicated chunk") expect(TEXT.startsWith(text)).toBe(true);
    if (ended === "usage") expect(text).toBe(TEXT);
  });
});

describe("continuing where a backend does not do as hoped", () => {
  const cut = { wire: openAiWire, fault: "cut mid-stream", after: 4 } as const;

  it("generates again where prefill is rejected", async () => {
    const first = openAi(pools, await serve(cut));
    const second = openAi(pools, await serve({ wire: openAiWire, fault: "rejects prefill" }));
    expect(await outcome(inOrder(first, second), GREEDY)).toEqual(WHOLE);
  });

  it("gives up where prefill is rejected and another text would come", async () => {
    const first = openAi(pools, await serve(cut));
    const second = openAi(pools, await serve({ wire: openAiWire, fault: "rejects prefill" }));
    expect(await outcome(inOrder(first, second), SAMPLED)).toEqual({
      text: PIECES.slice(0, 4).join(""),
      ended: "replica_failed",
    });
  });

  it("gives up where another text comes", async () => {
    const first = openAi(pools, await serve(cut));
    const other = await startFaultyUpstream({ wire: openAiWire, pieces: ["The", " caravan", " rests"] });
    servers.push(other);
    const outcomes = await outcome(inOrder(first, openAi(pools, other.origin, DUMB)), GREEDY);
    expect(outcomes).toEqual({ text: PIECES.slice(0, 4).join(""), ended: "replica_failed" });
  });

  it("does not ask anybody else about a fault of the caller's", async () => {
    const second = await startFaultyUpstream({ wire: openAiWire, pieces: PIECES });
    servers.push(second);
    const wire = { ...openAiWire, refusal: () => '{"error":{"message":"temperature is wrong"}}', isContinued: () => true };
    const first = openAi(pools, await serve({ wire, fault: "rejects prefill" }));
    expect(await outcome(inOrder(first, openAi(pools, second.origin)), SAMPLED)).toEqual({ text: "", ended: "invalid_request" });
    expect(second.requests).toHaveLength(0);
  });
});

/** Our own engine makes no such streams; a count of tokens finds them out, but too late to mend. */
const NOT_OURS: readonly Fault[] = ["duplicated chunk", "finish out of order"];

describe.each(FAULTS)("our own engine: %s", (fault) => {
  const { open, wire } = UPSTREAMS[0]!;

  it("ends in the full answer, or is found out", async () => {
    const first = open(pools, await serve({ wire, fault }), patienceMs(fault));
    const second = open(pools, await serve({ wire }));
    const result = await outcome(inOrder(first, second), SAMPLED);
    if (NOT_OURS.includes(fault)) expect(result.ended).toBe("replica_failed");
    else expect(result).toEqual(WHOLE);
  });
});
