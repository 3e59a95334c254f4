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
 * now and then, and a token may be worth several events. A resumed request is replayed silently; finishes of replayed
 * choices are repeated, which the caller has to bear.
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
      if (!isReplayed(line, turn, request.resume?.tokens[choice]?.length ?? 0)) events.push(event);
    }
  }
  const timings = { queueMs: 0, prefillMs: 0, decodeMs: 0, ttftMs: 0 };
  events.push({ type: "usage", promptTokens: 3, cachedTokens: 1, completionTokens, reasoningTokens: 2 * request.n, timings });
  return events;
}

/** Whether the replay of the first `tokens` tokens stays silent about an event: its own or the next token is among them. */
function isReplayed(line: readonly ChoiceEvent[], turn: number, tokens: number): boolean {
  let before = 0;
  for (const event of line.slice(0, turn)) before += event.tokens.length;
  const settledBy = line.slice(turn).find((event) => event.tokens.length > 0);
  return settledBy !== undefined && before + settledBy.tokens.length <= tokens;
}

type ChoiceEvent = Extract<GenerationEvent, { tokens: readonly number[] }>;

function choiceEvents(seed: number, choice: number): ChoiceEvent[] {
  const word = (position: number): string => `${seed}.${position} `;
  const events: ChoiceEvent[] = [{ type: "reasoning", choice, tokens: [seed * 100, seed * 100 + 1], text: word(0) + word(1) }];
  for (let position = 2; position < TOKENS_PER_CHOICE; position++) {
    const tokens = [seed * 100 + position];
    if (position === 3) {
      // One token that ends the reasoning and begins the text: three events, the id on the last.
      events.push({ type: "reasoning", choice, tokens: [], text: "so " });
      events.push({ type: "text", choice, tokens: [], text: "- " });
      events.push({ type: "text", choice, tokens, text: word(3) });
    } else events.push({ type: "text", choice, tokens, text: position === 4 ? "" : word(position) });
  }
  // What was held back is released when the choice ends, without a token of its own.
  events.push({ type: "text", choice, tokens: [], text: word(4) });
  events.push({ type: "finish", choice, tokens: seed % 2 === 0 ? [2] : [], reason: "stop", stopSequence: null });
  return events;
}
