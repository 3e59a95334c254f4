import type { FinishReason, GenerationEventOf } from "@arriero/spec";
import type { AnswerClock } from "./context.ts";

/** What an answer ends with. Durations in nanoseconds; clients fail where `eval_count` is missing. */
export interface Done {
  readonly done: true;
  readonly done_reason: DoneReason;
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
  readonly prompt_eval_duration: number;
  readonly eval_count: number;
  readonly eval_duration: number;
}

export type DoneReason = "stop" | "length" | "load" | "unload";

/** Tool calls are no reason of their own; what the server cut short counts as length. */
export function doneReason(reason: FinishReason): DoneReason {
  switch (reason) {
    case "stop":
    case "tool-calls":
      return "stop";
    case "length":
    case "cancelled":
      return "length";
    default:
      return reason satisfies never;
  }
}

/**
 * @param firstEventAt when the engine first answered, in milliseconds since the epoch: what of the wait before it was
 *   neither queue nor prompt was the model being loaded
 */
export function formatDone(
  reason: DoneReason,
  usage: GenerationEventOf<"usage">,
  clock: AnswerClock,
  firstEventAt: number,
): Done {
  const { queueMs, prefillMs, decodeMs } = usage.timings;
  return {
    done: true,
    done_reason: reason,
    total_duration: nanoseconds(clock.now() - clock.startedAt),
    load_duration: nanoseconds(firstEventAt - clock.startedAt - queueMs - prefillMs),
    prompt_eval_count: usage.promptTokens,
    prompt_eval_duration: nanoseconds(prefillMs),
    eval_count: usage.completionTokens,
    eval_duration: nanoseconds(decodeMs),
  };
}

/** The end of a request that only loads or unloads a model. */
export function formatIdleDone(reason: "load" | "unload", clock: AnswerClock): Done {
  const total = nanoseconds(clock.now() - clock.startedAt);
  return {
    done: true,
    done_reason: reason,
    total_duration: total,
    load_duration: reason === "load" ? total : 0,
    prompt_eval_count: 0,
    prompt_eval_duration: 0,
    eval_count: 0,
    eval_duration: 0,
  };
}

export function nanoseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1e6));
}
