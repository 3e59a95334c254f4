import { ArrieroError, type GenerationEvent, type TokenLogprob } from "@arriero/spec";
import { brokenOff } from "../frame-writer.ts";
import { type AnswerShape, NOTHING } from "./answer-shape.ts";
import type { AnswerClock, Presentation } from "./context.ts";
import { type Done, type DoneReason, doneReason, formatDone, formatIdleDone } from "./done.ts";
import { formatLogprobs } from "./logprobs.ts";
import { type OllamaToolCall, ToolCalls } from "./tool-calls.ts";

/** The answer of chat (`message`) or generate (`response`). */
export type OllamaAnswer = Done & { readonly model: string; readonly created_at: string } & Readonly<Record<string, unknown>>;

/** The whole answer. Throws the error that ended the events, or `replica_failed` when they just stop. */
export async function collectAnswer(
  events: AsyncIterable<GenerationEvent>,
  presentation: Presentation,
  shape: AnswerShape,
  clock: AnswerClock,
): Promise<OllamaAnswer> {
  let text = "";
  let thinking = "";
  let reason: DoneReason = "stop";
  let firstEventAt: number | null = null;
  const calls: OllamaToolCall[] = [];
  const drafts = new ToolCalls();
  const logprobs: TokenLogprob[] = [];
  const keep = (call: OllamaToolCall | null): void => {
    if (call !== null) calls.push(call);
  };
  for await (const event of events) {
    firstEventAt ??= clock.now();
    switch (event.type) {
      case "start":
        break;
      case "text":
        text += event.text;
        if (event.logprobs !== undefined) logprobs.push(...event.logprobs);
        break;
      case "reasoning":
        thinking += event.text;
        if (event.logprobs !== undefined) logprobs.push(...event.logprobs);
        break;
      case "tool-call":
        keep(drafts.add(event));
        break;
      case "finish":
        reason = doneReason(event.reason);
        keep(drafts.end(reason === "length"));
        break;
      case "usage":
        return {
          ...opening(presentation, clock),
          ...shape({ text, thinking, calls }),
          ...(presentation.logprobs ? { logprobs: formatLogprobs(logprobs) } : {}),
          ...formatDone(reason, event, clock, firstEventAt),
        };
      case "error":
        throw ArrieroError.from(event.error);
      default:
        event satisfies never;
    }
  }
  throw brokenOff();
}

/** The answer to a request that only loads or unloads a model. */
export function idleAnswer(
  reason: "load" | "unload",
  presentation: Presentation,
  shape: AnswerShape,
  clock: AnswerClock,
): OllamaAnswer {
  return { ...opening(presentation, clock), ...shape(NOTHING), ...formatIdleDone(reason, clock) };
}

function opening({ model }: Presentation, clock: AnswerClock): { model: string; created_at: string } {
  return { model, created_at: new Date(clock.now()).toISOString() };
}
