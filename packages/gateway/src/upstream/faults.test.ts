import { afterAll, afterEach, describe, expect, it } from "vitest";
import { FAULTY_PIECES, GREEDY, inOrder, type Manner, outcomeOf, SAMPLED, WHOLE } from "../testing/fault-table.ts";
import { FAULTS, type Fault, patienceMs } from "../testing/faults.ts";
import { type FaultyOptions, type FaultyUpstream, startFaultyUpstream } from "../testing/faulty-upstream.ts";
import { openAi, UPSTREAMS } from "../testing/upstreams-under-test.ts";
import { openAiWire } from "../testing/wires.ts";
import { EnginePools } from "./engine-pools.ts";
import type { OpenAiOptions } from "./openai/openai-upstream.ts";

const pools = new EnginePools();
const servers: FaultyUpstream[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close().catch(() => undefined)));
});
afterAll(() => pools.close());

async function serve(options: Omit<FaultyOptions, "pieces">): Promise<string> {
  const server = await startFaultyUpstream({ pieces: FAULTY_PIECES, ...options });
  servers.push(server);
  return server.origin;
}

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

const MANNERS: readonly Manner[] = ["asked for", "delivered"];

describe.each(FAULTS.flatMap((fault) => MANNERS.map((manner) => [fault, manner] as const)))(
  "an OpenAI backend: %s, %s",
  (fault, manner) => {
    it("is made good by prefilling the second", async () => {
      const first = openAi(pools, await serve({ wire: openAiWire, fault }), COUNTED, patienceMs(fault));
      const second = openAi(pools, await serve({ wire: openAiWire }));
      expect(await outcomeOf(inOrder(first, second), SAMPLED, manner)).toEqual(WHOLE);
    });

    it("is made good by generating again on a second that cannot prefill", async () => {
      const first = openAi(pools, await serve({ wire: openAiWire, fault }), COUNTED, patienceMs(fault));
      const second = openAi(pools, await serve({ wire: openAiWire }), DUMB);
      expect(await outcomeOf(inOrder(first, second), GREEDY, manner)).toEqual(WHOLE);
    });

    it("ends in a coded error, never in half an answer, when no way is left", async () => {
      const first = openAi(pools, await serve({ wire: openAiWire, fault }), DUMB, patienceMs(fault));
      const pick = inOrder(first);
      const { ended, text } = await outcomeOf(
        async (avoid, patience) => {
          // The only backend there is comes again after each break; one that cannot go on does not.
          const again = new Map([...avoid].filter(([, until]) => until === Number.POSITIVE_INFINITY));
          return pick(again, patience);
        },
        SAMPLED,
        manner,
      );
      expect(ended).toBe(ALONE[fault]);
      if (fault !== "duplicated chunk") expect(WHOLE.text.startsWith(text)).toBe(true);
      if (ended === "usage") expect(text).toBe(WHOLE.text);
    });
  },
);

describe("continuing where a backend does not do as hoped", () => {
  const cut = { wire: openAiWire, fault: "cut mid-stream", after: 4 } as const;

  it("generates again where prefill is rejected", async () => {
    const first = openAi(pools, await serve(cut));
    const second = openAi(pools, await serve({ wire: openAiWire, fault: "rejects prefill" }));
    expect(await outcomeOf(inOrder(first, second), GREEDY)).toEqual(WHOLE);
  });

  it("gives up where prefill is rejected and another text would come", async () => {
    const first = openAi(pools, await serve(cut));
    const second = openAi(pools, await serve({ wire: openAiWire, fault: "rejects prefill" }));
    expect(await outcomeOf(inOrder(first, second), SAMPLED)).toEqual({
      text: FAULTY_PIECES.slice(0, 4).join(""),
      ended: "replica_failed",
    });
  });

  it("gives up where another text comes", async () => {
    const first = openAi(pools, await serve(cut));
    const other = await startFaultyUpstream({ wire: openAiWire, pieces: ["The", " caravan", " rests"] });
    servers.push(other);
    const outcomes = await outcomeOf(inOrder(first, openAi(pools, other.origin, DUMB)), GREEDY);
    expect(outcomes).toEqual({ text: FAULTY_PIECES.slice(0, 4).join(""), ended: "replica_failed" });
  });

  it("does not ask anybody else about a fault of the caller's", async () => {
    const second = await startFaultyUpstream({ wire: openAiWire, pieces: FAULTY_PIECES });
    servers.push(second);
    const wire = { ...openAiWire, refusal: () => '{"error":{"message":"temperature is wrong"}}', isContinued: () => true };
    const first = openAi(pools, await serve({ wire, fault: "rejects prefill" }));
    expect(await outcomeOf(inOrder(first, openAi(pools, second.origin)), SAMPLED)).toEqual({
      text: "",
      ended: "invalid_request",
    });
    expect(second.requests).toHaveLength(0);
  });
});

describe.each(FAULTS)("our own engine: %s", (fault) => {
  const { open, wire } = UPSTREAMS[0]!;

  it.each([1, 2, 9])("ends in the full answer, where it comes behind %i pieces", async (after) => {
    const first = open(pools, await serve({ wire, fault, after }), patienceMs(fault));
    const second = open(pools, await serve({ wire }));
    expect(await outcomeOf(inOrder(first, second), SAMPLED)).toEqual(WHOLE);
  });
});
