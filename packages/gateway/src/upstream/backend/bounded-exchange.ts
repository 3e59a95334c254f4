import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { UpstreamBroken } from "../upstream-broken.ts";
import { Watchdog } from "../watchdog.ts";
import { broken } from "./backend-faults.ts";

/** From the end of an answer to the end of its body. */
export const END_TIMEOUT_MS = 1_000;

/** Bounds of one exchange with a backend. Milliseconds and bytes. */
export interface ExchangeLimits {
  /** To the answer's headers. Some servers send them with the first token: queue and prompt may lie before. */
  readonly headersMs: number;
  /** From the headers to the first event. */
  readonly firstEventMs: number;
  /** Between two events; a stream silent for longer is continued elsewhere. */
  readonly idleMs: number;
  /** An answer altogether. */
  readonly responseBytes: number;
}

export const EXCHANGE_LIMITS: ExchangeLimits = {
  headersMs: 300_000,
  firstEventMs: 300_000,
  idleMs: 60_000,
  responseBytes: 256 * 1024 * 1024,
};

/** What the chunks of a streamed answer are turned into. Throws UpstreamBroken on what the protocol does not allow. */
export interface AnswerReader<Event, Chunk = Uint8Array> {
  /** Output has begun: from now on silence is a stall. */
  readonly streaming: boolean;
  /** Nothing is missing: what may still come is usage and the mark of the end. */
  readonly finished: boolean;
  push(chunk: Chunk): readonly Event[];
  /** What the end of the answer completes. Throws where it is not complete. */
  end(): readonly Event[];
}

/** An answer that has begun to come. */
export interface OpenAnswer<Chunk> {
  readonly chunks: AsyncIterable<Chunk>;
  /** Lets go of the connection; never throws. */
  close(): void;
}

export interface ExchangeBounds {
  readonly clock: Clock;
  readonly limits: ExchangeLimits;
}

/** The events of a streamed answer, every wait for it bounded. Leaving early closes the answer. */
export async function* boundedStream<Event, Chunk>(
  { clock, limits }: ExchangeBounds,
  open: (signal: AbortSignal) => Promise<OpenAnswer<Chunk>>,
  reader: AnswerReader<Event, Chunk>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, void> {
  const { firstEventMs, headersMs, idleMs } = limits;
  const dog = new Watchdog(clock, signal);
  let answer: OpenAnswer<Chunk> | null = null;
  try {
    dog.arm(headersMs, () => tooLate(`The backend sent no headers within ${headersMs} ms.`));
    answer = await open(dog.signal);
    dog.arm(firstEventMs, () => tooLate(`The backend sent nothing within ${firstEventMs} ms.`));
    for await (const chunk of answer.chunks) {
      const events = reader.push(chunk);
      // A chunk without an event (a comment, half a frame) ends no wait: only what the caller gets counts. Nor does the
      // wait run while the caller is busy: a slow one is no stalled backend.
      if (events.length > 0) dog.disarm();
      for (const event of events) yield event;
      const patience = reader.streaming ? idleMs : firstEventMs;
      if (reader.finished) dog.arm(END_TIMEOUT_MS, () => tooLate("The backend did not end its answer."));
      else if (events.length > 0) dog.arm(patience, () => tooLate(`The backend fell silent for ${patience} ms.`));
    }
  } catch (thrown) {
    // Once everything was said, how the connection ends says nothing; what was said wrongly still does.
    const lateOrCut = dog.signal.aborted || !(thrown instanceof UpstreamBroken);
    if (!reader.finished || !lateOrCut || signal.aborted) throw explain(thrown, signal, dog.signal);
  } finally {
    dog.release();
    answer?.close();
  }
  yield* reader.end();
}

/** A whole answer, waited for `headersMs`. */
export async function boundedAnswer<Answer>(
  { clock, limits }: ExchangeBounds,
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { headersMs } = limits;
  const dog = new Watchdog(clock, signal);
  try {
    dog.arm(headersMs, () => tooLate(`The backend did not answer within ${headersMs} ms.`));
    return await ask(dog.signal);
  } catch (thrown) {
    throw explain(thrown, signal, dog.signal);
  } finally {
    dog.release();
  }
}

export function tooLate(message: string): UpstreamBroken {
  return broken("upstream_timeout", message);
}

/** What a failed exchange means: the caller left, the backend was too late, a coded refusal, or else the connection broke. */
export function explain(
  thrown: unknown,
  caller: Pick<AbortSignal, "aborted" | "reason">,
  dog: Pick<AbortSignal, "aborted" | "reason">,
): unknown {
  if (caller.aborted) return ArrieroError.wrap(caller.reason);
  if (dog.aborted) return dog.reason;
  if (thrown instanceof UpstreamBroken || thrown instanceof ArrieroError) return thrown;
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return broken("replica_failed", `The connection to the backend broke: ${cause}.`, { cause: thrown });
}
