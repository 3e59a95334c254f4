import type { GenerationEvent } from "@arriero/spec";
import { writeFrames } from "../frame-writer.ts";
import { mergeStreams } from "../merge-streams.ts";
import { AnswerLines } from "./answer-lines.ts";
import type { AnswerShape } from "./answer-shape.ts";
import type { AnswerClock, Presentation } from "./context.ts";

/** The lines of an answer; see `writeFrames` for what is thrown and what is a line. */
export function streamAnswer(
  events: AsyncIterable<GenerationEvent>,
  presentation: Presentation,
  shape: AnswerShape,
  clock: AnswerClock,
): AsyncGenerator<string> {
  return writeFrames(mergeStreams([events]), new AnswerLines(presentation, shape, clock));
}
