import type { GenerationEvent } from "@arriero/spec";
import { writeFrames } from "../../frame-writer.ts";
import { mergeStreams } from "../../merge-streams.ts";
import type { CompletionPresentation } from "./parse.ts";
import { CompletionFrames } from "./stream.ts";

export { collectCompletion } from "./whole.ts";

/** The SSE frames of a completion, `streams[i]` being the events of prompt i; see `writeFrames` for errors. */
export function streamCompletion(
  streams: readonly AsyncIterable<GenerationEvent>[],
  presentation: CompletionPresentation,
): AsyncGenerator<string> {
  return writeFrames(mergeStreams(streams), new CompletionFrames(presentation));
}
