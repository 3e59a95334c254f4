import type { GenerationEvent } from "@arriero/spec";
import { writeFrames } from "../frame-writer.ts";
import { mergeStreams } from "../merge-streams.ts";
import type { AnswerContext } from "./answer-context.ts";
import { GenerateFrames } from "./stream.ts";

/** The SSE frames of an answer; see `writeFrames` for errors. */
export function streamGenerate(events: AsyncIterable<GenerationEvent>, context: AnswerContext): AsyncGenerator<string> {
  return writeFrames(mergeStreams([events]), new GenerateFrames(context));
}
