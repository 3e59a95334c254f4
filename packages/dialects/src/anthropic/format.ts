import type { GenerationEvent } from "@arriero/spec";
import { writeFrames } from "../frame-writer.ts";
import { mergeStreams } from "../merge-streams.ts";
import type { MessagePresentation } from "./parse.ts";
import { MessageFrames } from "./stream.ts";

export { collectMessage } from "./whole.ts";

/** The SSE frames of a message; see `writeFrames` for what is thrown and what is a frame. */
export function streamMessage(events: AsyncIterable<GenerationEvent>, presentation: MessagePresentation): AsyncGenerator<string> {
  return writeFrames(mergeStreams([events]), new MessageFrames(presentation));
}

/** The answer of POST /v1/messages/count_tokens. */
export function formatTokenCount(tokens: number): { readonly input_tokens: number } {
  return { input_tokens: tokens };
}
