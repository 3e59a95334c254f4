import { type GenerationEvent, GenerationRequest, type GenerationRequestInput } from "@arriero/spec";

export function requestOf(changes: Partial<GenerationRequestInput> = {}): GenerationRequest {
  return GenerationRequest.parse({
    id: "r",
    model: "arriero-demo",
    input: { kind: "text", text: "one two three" },
    sampling: { seed: 7 },
    ...changes,
  });
}

const TOKENS_PER_CHOICE = 7;

/**
 * What an engine that never breaks says to a request, as a pure function: the choices take turns, text is released late
 * now and then, reasoning comes first. A resumed request is replayed silently; finishes of replayed choices are repeated,
 * which the caller has to bear.
 */
export function scriptedEvents(request: GenerationRequest): GenerationEvent[] {
  const events: GenerationEvent[] = [
    { type: "start", id: request.id, model: request.model, promptTokens: 3, cachedTokens: request.resume === null ? 1 : 3 },
  ];
  const lines = Array.from({ length: request.n }, (_, choice) => choiceEvents(request.sampling.seed + choice, choice));
  let completionTokens = 0;
  for (let turn = 0; lines.some((line) => turn < line.length); turn++) {
    for (const [choice, line] of lines.entries()) {
      const event = line[turn];
      if (event === undefined) continue;
      completionTokens += event.tokens.length;
      const replayed = line.slice(0, turn + 1).reduce((sum, each) => sum + each.tokens.length, 0);
      const alreadyThere = request.resume?.tokens[choice]?.length ?? 0;
      if (replayed > alreadyThere || event.type === "finish") events.push(event);
    }
  }
  const timings = { queueMs: 0, prefillMs: 0, decodeMs: 0, ttftMs: 0 };
  events.push({ type: "usage", promptTokens: 3, cachedTokens: 1, completionTokens, reasoningTokens: 2 * request.n, timings });
  return events;
}

type ChoiceEvent = Extract<GenerationEvent, { tokens: readonly number[] }>;

function choiceEvents(seed: number, choice: number): ChoiceEvent[] {
  const word = (position: number): string => `${seed}.${position} `;
  const events: ChoiceEvent[] = [{ type: "reasoning", choice, tokens: [seed * 100, seed * 100 + 1], text: word(0) + word(1) }];
  for (let position = 2; position < TOKENS_PER_CHOICE; position++) {
    const text = position === 3 ? "" : position === 4 ? word(3) + word(4) : word(position);
    events.push({ type: "text", choice, tokens: [seed * 100 + position], text });
  }
  events.push({ type: "finish", choice, tokens: [2], reason: "stop", stopSequence: null });
  return events;
}
