import type { GenerationEvent, GenerationRequest } from "@arriero/spec";

const NO_TIME = { queueMs: 0, prefillMs: 0, decodeMs: 0, ttftMs: 0 };

/** A kept answer as the answer to `request`: its prompt was not read again, and nothing took time. */
export function* cachedAnswer(events: readonly GenerationEvent[], { id }: GenerationRequest): Generator<GenerationEvent> {
  for (const event of events) {
    if (event.type === "start") yield { ...event, id, cachedTokens: event.promptTokens };
    else if (event.type === "usage") yield { ...event, cachedTokens: event.promptTokens, timings: NO_TIME };
    else yield event;
  }
}
