import {
  type AskedGeneration,
  type GenerationEvent,
  type GenerationEventOf,
  GenerationRequest,
  type TokenLogprob,
} from "@arriero/spec";

export const CONTEXT = { id: "r1", client: "test", created: 1_750_000_000, fingerprint: "fp_test" };

/** With the schema's defaults, as a gateway would pass it on; throws where the engine would refuse it. */
export function settled(asked: AskedGeneration): GenerationRequest {
  return GenerationRequest.parse({
    ...asked,
    model: asked.model || "m",
    sampling: { ...asked.sampling, seed: asked.sampling.seed ?? 7 },
  });
}

export const START: GenerationEvent = { type: "start", id: "r1", model: "m", promptTokens: 9, cachedTokens: 4 };

export const USAGE: GenerationEventOf<"usage"> = {
  type: "usage",
  promptTokens: 9,
  cachedTokens: 4,
  completionTokens: 3,
  reasoningTokens: 1,
  timings: { queueMs: 0, prefillMs: 1, decodeMs: 2, ttftMs: 1 },
};

export function text(words: string, choice = 0, logprobs?: readonly TokenLogprob[]): GenerationEvent {
  return { type: "text", choice, tokens: [1], text: words, ...(logprobs === undefined ? {} : { logprobs }) };
}

export function finish(reason: GenerationEventOf<"finish">["reason"] = "stop", choice = 0): GenerationEvent {
  return { type: "finish", choice, tokens: [], reason, stopSequence: null };
}

/** A token drawn at -0.5, with `other` at -1.5 beside it. */
export function logprob(words: string, other = "?"): TokenLogprob {
  const entry = (each: string) => ({ token: 1, text: each, bytes: [...Buffer.from(each)] });
  const drawn = { ...entry(words), logprob: -0.5 };
  return { ...drawn, top: [drawn, { ...entry(other), logprob: -1.5 }] };
}

export async function* scripted(events: readonly GenerationEvent[]): AsyncGenerator<GenerationEvent> {
  for (const event of events) yield event;
}

export async function gather(frames: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const frame of frames) all.push(...frame.split("\n\n").filter((each) => each !== ""));
  return all;
}

/** The JSON of each frame; `[DONE]` stays a string. */
export function decode(frames: readonly string[]): unknown[] {
  return frames.map((frame) => {
    const data = frame.slice("data: ".length);
    return data === "[DONE]" ? data : JSON.parse(data);
  });
}
