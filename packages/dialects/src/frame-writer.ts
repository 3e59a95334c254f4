import { ArrieroError, type GenerationEvent } from "@arriero/spec";

/** Turns events into the SSE frames of one answer. Synchronous: one call an event, nothing awaited on the hot path. */
export interface FrameWriter {
  /** True once the last frame is out, be it `[DONE]` or an error; later events are ignored. */
  readonly done: boolean;
  /** The frames this event is worth, "" for none. `prompt` is the position of the prompt it belongs to. */
  write(event: GenerationEvent, prompt?: number): string;
  /** Ends a stream that broke. */
  fail(error: ArrieroError): string;
}

/** The end of events without `usage` or `error`: the replica died, and the answer must not look whole. */
export function brokenOff(): ArrieroError {
  return new ArrieroError("replica_failed", "The replica stopped before the answer was complete.");
}

/**
 * The frames of an answer. What fails before the first frame is thrown as an ArrieroError, so that it can still be an
 * HTTP status; what fails later is the last frame. Leaving the loop early cancels the events.
 */
export async function* writeFrames(events: AsyncIterable<readonly [number, GenerationEvent]>, writer: FrameWriter) {
  let begun = false;
  try {
    for await (const [prompt, event] of events) {
      if (!begun && event.type === "error") throw ArrieroError.from(event.error);
      const frames = writer.write(event, prompt);
      if (frames === "") continue;
      begun = true;
      yield frames;
      if (writer.done) return;
    }
    throw brokenOff();
  } catch (thrown) {
    const error = ArrieroError.wrap(thrown);
    if (!begun) throw error;
    yield writer.fail(error);
  }
}
