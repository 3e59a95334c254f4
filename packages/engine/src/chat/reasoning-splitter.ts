import { StopMatcher } from "../text/stop-matcher.ts";
import { type CharParser, type CharSource, StreamParser } from "./stream-parser.ts";

/** The marks around a model's reasoning. */
export interface ReasoningMarkers {
  readonly start: string;
  readonly end: string;
}

/**
 * Where the prompt leaves the reasoning: `open`, the output begins inside it; `closed`, the prompt has skipped it;
 * `unknown`, the model may open it first thing.
 */
export interface ReasoningSetup extends ReasoningMarkers {
  readonly place: "open" | "closed" | "unknown";
}

export type ReasoningEvent = { readonly type: "text" | "reasoning"; readonly text: string };

/**
 * Parts the reasoning at the beginning of the output from the answer. Marks are never emitted, nor is the whitespace
 * just inside and after them. Reasoning that is not closed stays reasoning.
 */
export class ReasoningSplitter extends StreamParser<ReasoningEvent> {
  readonly #state: { inside: boolean };

  constructor(setup: ReasoningSetup) {
    const state = { inside: setup.place === "open" };
    super((source, emit) => split(source, emit, setup, state));
    this.#state = state;
  }

  /** Whether the text fed so far ends within reasoning. */
  get inside(): boolean {
    return this.#state.inside;
  }
}

type Emit = (event: ReasoningEvent) => void;

function* split(
  source: CharSource,
  emit: Emit,
  { start, end, place }: ReasoningSetup,
  state: { inside: boolean },
): CharParser<void> {
  const space = place === "open" ? "" : yield* source.space();
  const begins = place === "open" || (yield* source.take(start));
  if (begins) {
    state.inside = true;
    yield* reasoning(source, emit, end);
    state.inside = false;
    yield* source.space();
  } else if (space !== "") {
    emit({ type: "text", text: space });
  }
  for (let char = yield* source.next(); char !== null; char = yield* source.next()) emit({ type: "text", text: char });
}

/** Up to the end mark; trailing whitespace waits for what follows it. */
function* reasoning(source: CharSource, emit: Emit, end: string): CharParser<void> {
  const matcher = new StopMatcher([end]);
  yield* source.space();
  let waiting = "";
  for (;;) {
    const char = yield* source.next();
    const step = char === null ? matcher.finish() : matcher.feed(char);
    const all = waiting + step.release;
    const body = all.trimEnd();
    if (body !== "") emit({ type: "reasoning", text: body });
    waiting = all.slice(body.length);
    if (step.matched !== null || char === null) return;
  }
}
