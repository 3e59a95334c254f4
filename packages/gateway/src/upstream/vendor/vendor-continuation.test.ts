import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULTY_PIECES, GREEDY, inOrder, outcomeOf, SAMPLED, WHOLE } from "../../testing/fault-table.ts";
import { patienceMs } from "../../testing/faults.ts";
import { startFaultyUpstream } from "../../testing/faulty-upstream.ts";
import { openAi } from "../../testing/upstreams-under-test.ts";
import { loadVendors, openVendor, VENDORS } from "../../testing/vendors-under-test.ts";
import { openAiWire } from "../../testing/wires.ts";
import { EnginePools } from "../engine-pools.ts";

const pools = new EnginePools();
beforeAll(loadVendors, 120_000);
afterAll(() => pools.close());

const serve = (options: Omit<Parameters<typeof startFaultyUpstream>[0], "pieces">) =>
  startFaultyUpstream({ pieces: FAULTY_PIECES, ...options });

describe.each(VENDORS)("an answer of $vendor", (under) => {
  const { wire } = under;
  const prefills = under.more?.prefill === true;

  it.each(["429 with Retry-After", "cut mid-stream", "cut mid-frame", "stall mid-stream", "error event in the stream"] as const)(
    `is whole after %s, by ${prefills ? "prefill" : "generating again"} at another of its places`,
    async (fault) => {
      const [bad, good] = [await serve({ wire, fault }), await serve({ wire })];
      try {
        const first = openVendor(under, pools, bad.origin, patienceMs(fault));
        const second = openVendor(under, pools, good.origin);
        expect(await outcomeOf(inOrder(first, second), prefills ? SAMPLED : GREEDY)).toEqual(WHOLE);
        if (fault !== "429 with Retry-After") expect(wire.isContinued(good.requests[0] ?? {})).toBe(prefills);
      } finally {
        await Promise.all([bad.close(), good.close()]);
      }
    },
  );

  it("is taken up by another kind of backend", async () => {
    const [bad, good] = [await serve({ wire, fault: "cut mid-stream" }), await serve({ wire: openAiWire })];
    try {
      const first = openVendor(under, pools, bad.origin);
      expect(await outcomeOf(inOrder(first, openAi(pools, good.origin)), SAMPLED)).toEqual(WHOLE);
    } finally {
      await Promise.all([bad.close(), good.close()]);
    }
  });

  it("hands on how long to wait after a 429", async () => {
    const server = await serve({ wire, fault: "429 with Retry-After" });
    try {
      const answer = openVendor(under, pools, server.origin).generate(SAMPLED, new AbortController().signal);
      await expect(answer.next()).rejects.toMatchObject({ code: "rate_limited", body: { retryAfter: 7 } });
    } finally {
      await server.close();
    }
  });
});
