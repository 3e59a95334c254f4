import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { requestOf, scriptedEvents } from "../testing/scripted-generation.ts";
import { continueGeneration, type LentUpstream, type PickUpstream } from "./continuation.ts";

/** Says `events` of the answer, then waits for its end: the caller's, or `hold`'s. */
function replica(
  id: string,
  more: Partial<LentUpstream> & { events?: number; hold?: Promise<void>; exactResume?: boolean } = {},
) {
  const { events = Number.POSITIVE_INFINITY, exactResume = true, hold, ...lent } = more;
  const seen = { requests: [] as GenerationRequest[], ended: 0, released: 0 };
  async function* generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    seen.requests.push(request);
    const left = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("left"))));
    left.catch(() => seen.ended++);
    for (const [index, event] of scriptedEvents(request).entries()) {
      if (index === events) await (hold === undefined ? left : Promise.race([hold, left]));
      yield event;
    }
  }
  const capabilities = { exactResume, assistantPrefill: false, honoursSeed: false };
  const upstream = { id, capabilities, generate, embed: () => Promise.reject(new Error("not asked")) };
  return { seen, lent: { upstream, release: () => void seen.released++, ...lent } satisfies LentUpstream };
}

async function answer(request: GenerationRequest, pick: PickUpstream, onEvent: (count: number) => void = () => undefined) {
  const events: GenerationEvent[] = [];
  let moves = 0;
  const options = {
    pick,
    limits: GATEWAY_LIMITS,
    clock: systemClock,
    signal: new AbortController().signal,
    onBreak: () => moves++,
  };
  for await (const event of continueGeneration(request, options)) {
    events.push(
      event.type === "usage"
        ? { ...event, timings: scriptedEvents(request).findLast((e) => e.type === "usage")!.timings }
        : event,
    );
    onEvent(events.length);
  }
  return { events, moves };
}

const inOrder =
  (...replicas: readonly { readonly lent: LentUpstream }[]): PickUpstream =>
  async (avoid) => {
    const free = replicas.find(({ lent }) => !avoid.has(lent.upstream.id));
    if (free === undefined) throw new ArrieroError("replica_unavailable", "none");
    return free.lent;
  };

describe("an upstream under notice", () => {
  it("is left at whatever event the notice comes, and the answer is the same", async () => {
    const request = requestOf({ n: 2 });
    const whole = scriptedEvents(request);
    for (let events = 0; events < whole.length - 1; events++) {
      const notice = new AbortController();
      const going = replica("going", { events, notice: notice.signal });
      const staying = replica("staying");
      if (events === 0) notice.abort();
      const told = await answer(request, inOrder(going, staying), (count) => count === events && notice.abort());
      expect(told.events, `notice after ${events}`).toEqual(whole);
      expect([told.moves, going.seen.ended, going.seen.released, staying.seen.released]).toEqual([1, 1, 1, 1]);
    }
  });

  it("keeps the answer when nobody else can go on with it, and gives back who cannot", async () => {
    const request = requestOf({ sampling: { seed: 7, temperature: 0.8 } });
    const notice = new AbortController();
    let finish: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const going = replica("going", { events: 4, notice: notice.signal, hold });
    const unable = replica("unable", { exactResume: false });
    const pick: PickUpstream = async (avoid, patience) => {
      const lent = await inOrder(going, unable)(avoid, patience);
      if (lent === unable.lent) queueMicrotask(finish);
      return lent;
    };
    const told = await answer(request, pick, (count) => count === 4 && notice.abort());
    expect(told.events).toEqual(scriptedEvents(request));
    expect([told.moves, going.seen.ended, unable.seen.requests.length]).toEqual([0, 0, 0]);
    expect(unable.seen.released).toBeGreaterThan(0);
  });

  it("is not left for another under notice", async () => {
    const request = requestOf();
    const notice = new AbortController();
    let finish: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const going = replica("going", { events: 3, notice: notice.signal, hold });
    const too = replica("going too", { notice: notice.signal });
    const pick: PickUpstream = async (avoid, patience) => {
      const lent = await inOrder(going, too)(avoid, patience);
      if (lent === too.lent) queueMicrotask(finish);
      return lent;
    };
    const told = await answer(request, pick, (count) => count === 3 && notice.abort());
    expect([told.events, told.moves, too.seen.requests.length]).toEqual([scriptedEvents(request), 0, 0]);
  });
});
