import type { GenerationEvent } from "@arriero/spec";
import { writeFrames } from "../../frame-writer.ts";
import { mergeStreams } from "../../merge-streams.ts";
import type { ChatPresentation } from "./parse.ts";
import { ChatFrames } from "./stream.ts";

export { collectChat } from "./whole.ts";

/** The SSE frames of a chat answer; see `writeFrames` for what is thrown and what is a frame. */
export function streamChat(events: AsyncIterable<GenerationEvent>, presentation: ChatPresentation): AsyncGenerator<string> {
  return writeFrames(mergeStreams([events]), new ChatFrames(presentation));
}
