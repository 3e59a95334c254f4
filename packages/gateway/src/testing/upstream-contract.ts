import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import { afterEach, describe, expect, it } from "vitest";
import type { Upstream } from "../upstream/upstream.ts";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";
import type { Fault } from "./faults.ts";
import { FAULTS, patienceMs } from "./faults.ts";
import { type FaultyUpstream, startFaultyUpstream } from "./faulty-upstream.ts";
import { requestOf } from "./scripted-generation.ts";
import type { Wire } from "./wires.ts";

export interface UpstreamUnderTest {
  readonly name: string;
  readonly wire: Wire;
  /** It takes conversations alone; a bare text is refused. */
  readonly chatOnly?: boolean;
  open(origin: string, patienceMs: number): Upstream;
}

const PIECES = ["Año", " 🦙", "\n", " go", " on", "."];
const CHAT = { kind: "chat" as const, messages: [{ role: "user" as const, content: "hello" }] };
/** Faults that only show when an answer is continued, or that no reader of one stream can see. */
const UNSEEN: readonly Fault[] = ["rejects prefill", "duplicated chunk"];

/** What every implementation of Upstream does. */
export function describeUpstream({ chatOnly = false, name, open, wire }: UpstreamUnderTest): void {
  describe(`${name} as an Upstream`, () => {
    const servers: FaultyUpstream[] = [];
    afterEach(async () => {
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });

    async function serve(
      fault: Fault | null = null,
      ms = patienceMs(fault),
    ): Promise<{ server: FaultyUpstream; upstream: Upstream }> {
      const server = await startFaultyUpstream({ wire, pieces: PIECES, fault });
      if (fault !== "refuse connection") servers.push(server);
      return { server, upstream: open(server.origin, ms) };
    }

    async function collect(upstream: Upstream, input: Parameters<typeof requestOf>[0] = { input: CHAT }) {
      const events: GenerationEvent[] = [];
      for await (const event of upstream.generate(requestOf(input), new AbortController().signal)) events.push(event);
      return events;
    }

    const inputs: [string, Parameters<typeof requestOf>[0]][] = [["a chat", { input: CHAT }]];
    if (!chatOnly) inputs.push(["a text", {}]);
    it.each(inputs)("yields one start, the text, one finish and one usage for %s", async (_what, input) => {
      const { upstream } = await serve();
      const events = await collect(upstream, input);
      expect(events.map(({ type }) => type).filter((type) => type !== "text")).toEqual(["start", "finish", "usage"]);
      // What one read brought may be one event; it says of how many pieces.
      const pieces = events.slice(1, -2).map((event) => (event.type === "text" ? (event.pieces ?? 1) : 0));
      expect(pieces.reduce((sum, each) => sum + each, 0)).toBe(PIECES.length);
      expect(events.map((event) => (event.type === "text" ? event.text : "")).join("")).toBe(PIECES.join(""));
      expect(events.at(0)).toMatchObject({ id: "r", model: "arriero-demo" });
      expect(events.at(-2)).toMatchObject({ choice: 0, reason: "stop" });
      expect(events.at(-1)).toMatchObject({ promptTokens: 3 });
    });

    it.runIf(chatOnly)("refuses a bare text before asking anybody", async () => {
      const { server, upstream } = await serve();
      await expect(collect(upstream, {})).rejects.toMatchObject({ code: "unsupported" });
      expect(server.requests).toEqual([]);
    });

    it("has token ids on all output or on none, as it says", async () => {
      const { upstream } = await serve();
      const output = (await collect(upstream)).flatMap((event) => (event.type === "text" ? [event.tokens.length > 0] : []));
      expect(new Set(output)).toEqual(new Set([upstream.capabilities.exactResume]));
    });

    it.each(FAULTS.filter((fault) => !UNSEEN.includes(fault)))("never ends as if whole: %s", async (fault) => {
      const { upstream } = await serve(fault);
      const events: GenerationEvent[] = [];
      const reading = async () => {
        for await (const event of upstream.generate(requestOf({ input: CHAT }), new AbortController().signal)) events.push(event);
      };
      const outcome = await reading().catch((thrown: unknown) => thrown);
      const last = events.at(-1);
      if (last?.type === "usage") return expect(textOf(events)).toBe(PIECES.join(""));
      if (last?.type === "error") return expect(outcome).toBeUndefined();
      expect(outcome instanceof UpstreamBroken || outcome instanceof ArrieroError).toBe(true);
      expect(PIECES.join("").startsWith(textOf(events))).toBe(true);
    });

    it("throws the signal's reason when aborted, and lets go of the server", async () => {
      const { server, upstream } = await serve("stall mid-stream", 5_000);
      const controller = new AbortController();
      const reading = async () => {
        for await (const event of upstream.generate(requestOf({ input: CHAT }), controller.signal)) {
          if (event.type === "text") controller.abort(new ArrieroError("cancelled", "the caller left"));
        }
      };
      await expect(reading()).rejects.toMatchObject({ code: "cancelled" });
      await expect.poll(() => server.aborted()).toBe(1);
    });

    it("lets go of the server when the reader leaves", async () => {
      const { server, upstream } = await serve("stall mid-stream", 5_000);
      for await (const event of upstream.generate(requestOf({ input: CHAT }), new AbortController().signal)) {
        if (event.type === "text") break;
      }
      await expect.poll(() => server.aborted()).toBe(1);
    });
  });
}

function textOf(events: readonly GenerationEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.text : "")).join("");
}
