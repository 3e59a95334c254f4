import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import { brokenOff, type FrameWriter, writeFrames } from "../../frame-writer.ts";
import { mergeStreams } from "../../merge-streams.ts";
import { ResponseDraft, type ResponseEvent } from "./draft.ts";
import type { ResponsePresentation } from "./parse.ts";

/** The SSE frames of a response; see `writeFrames` for what is thrown and what is a frame. */
export function streamResponse(
  events: AsyncIterable<GenerationEvent>,
  presentation: ResponsePresentation,
): AsyncGenerator<string> {
  return writeFrames(mergeStreams([events]), new ResponseFrames(presentation));
}

/** The whole response. Throws the error that ended the events, or `replica_failed` when they just stop. */
export async function collectResponse(
  events: AsyncIterable<GenerationEvent>,
  presentation: ResponsePresentation,
): Promise<Record<string, unknown>> {
  const draft = new ResponseDraft(presentation);
  for await (const event of events) {
    if (event.type === "error") throw ArrieroError.from(event.error);
    draft.accept(event);
    if (draft.ended) return draft.format();
  }
  throw brokenOff();
}

/** Frames are named and numbered from 0. */
class ResponseFrames implements FrameWriter {
  readonly #draft: ResponseDraft;
  #sequence = 0;

  constructor(presentation: ResponsePresentation) {
    this.#draft = new ResponseDraft(presentation);
  }

  get done(): boolean {
    return this.#draft.ended;
  }

  write(event: GenerationEvent): string {
    return this.#frames(this.#draft.accept(event));
  }

  fail(error: ArrieroError): string {
    return this.#frames(this.#draft.fail(error));
  }

  #frames(events: readonly ResponseEvent[]): string {
    return events
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: this.#sequence++ })}\n\n`)
      .join("");
  }
}
