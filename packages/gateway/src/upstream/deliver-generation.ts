import type { GenerationEvent, GenerationRequest } from "@arriero/spec";
import { type ContinuationOptions, continueGeneration, endedEarly, findSuccessor, type LentUpstream } from "./continuation.ts";
import { Departure } from "./departure.ts";
import { FailedWays } from "./failed-ways.ts";
import { GenerationRecord } from "./generation-record.ts";
import type { EventSink } from "./upstream.ts";
import { AnswerSpoilt } from "./upstream-broken.ts";

/**
 * The events of a generation, given to a sink: the first attempt without a wait for each of them, where its upstream can
 * relay. Nearly all answers are whole with that; what becomes of one that is not is `continueGeneration`'s alone, which
 * goes on with the same record. Rejects as that throws.
 *
 * @param wholeMs as of `Relay`
 */
export async function deliverGeneration(
  request: GenerationRequest,
  options: Omit<ContinuationOptions, "begun">,
  sink: EventSink,
  wholeMs = 0,
): Promise<void> {
  const { clock, pick, signal } = options;
  const record = new GenerationRecord(request, () => clock.now());
  const lent = await pick(new Map(), null);
  const { relay } = lent.upstream;
  let failure: { readonly thrown: unknown } | null = null;
  let successor: LentUpstream | null = null;
  if (relay !== undefined) {
    const pass = accepting(record, sink);
    const departure = lent.notice === undefined ? null : departureFrom(lent, options, record);
    try {
      const attempt = record.nextAttempt("fresh", lent.upstream.capabilities.exactResume);
      await relay.call(lent.upstream, attempt, departure?.signal ?? signal, pass.sink, wholeMs);
      if (pass.isOver()) {
        lent.release();
        return;
      }
      failure = { thrown: endedEarly() };
    } catch (thrown) {
      failure = { thrown };
      if (!(thrown instanceof AnswerSpoilt)) successor = departure?.take() ?? null;
    } finally {
      departure?.end();
    }
  }
  for await (const event of continueGeneration(request, { ...options, begun: { lent, record, failure, successor } }))
    await sink([event]);
}

/** Watches for the notice that the upstream will be gone. */
function departureFrom(
  { notice, upstream }: LentUpstream,
  { clock, pick, signal }: Omit<ContinuationOptions, "begun">,
  record: GenerationRecord,
): Departure {
  const avoid = new Map([[upstream.id, Number.POSITIVE_INFINITY]]);
  return new Departure({ notice, caller: signal, clock, find: () => findSuccessor(pick, avoid, record, new FailedWays()) });
}

/** What the caller has not seen yet goes on to `sink`. */
function accepting(record: GenerationRecord, sink: EventSink): { readonly sink: EventSink; isOver(): boolean } {
  let isOver = false;
  return {
    isOver: () => isOver,
    sink(events) {
      const fresh: GenerationEvent[] = [];
      for (const event of events) {
        if (isOver) break;
        const accepted = record.accept(event);
        if (accepted === null) continue;
        fresh.push(accepted);
        isOver = accepted.type === "usage" || accepted.type === "error";
      }
      return fresh.length === 0 ? undefined : sink(fresh);
    },
  };
}
