import { ArrieroError, type GenerationEvent, type GenerationEventOf } from "@arriero/spec";
import { brokenOff } from "../frame-writer.ts";
import type { AnswerContext, PrefillToken } from "./answer-context.ts";
import { formatFinishReason, type GeneratedToken, GeneratedTokens, type LoraxFinishReason } from "./generated-tokens.ts";

export interface GenerateAnswer {
  readonly generated_text: string;
  readonly details?: {
    readonly finish_reason: LoraxFinishReason;
    readonly prompt_tokens: number;
    readonly generated_tokens: number;
    readonly skipped_tokens: 0;
    readonly seed: number | null;
    readonly prefill: readonly PrefillToken[];
    readonly tokens: readonly GeneratedToken[];
  };
}

/** The whole answer. Throws the first error, or `replica_failed` when events just stop. */
export async function collectGenerate(events: AsyncIterable<GenerationEvent>, context: AnswerContext): Promise<GenerateAnswer> {
  const generated = new GeneratedTokens(context.alternatives, () => true);
  const tokens: GeneratedToken[] = [];
  let finish: GenerationEventOf<"finish"> | null = null;
  let usage: GenerationEventOf<"usage"> | null = null;
  for await (const event of events) {
    switch (event.type) {
      case "start":
        break;
      case "text":
      case "reasoning":
      case "tool-call":
        tokens.push(...generated.feed(event));
        break;
      case "finish":
        finish = event;
        break;
      case "usage":
        usage = event;
        break;
      case "error":
        throw ArrieroError.from(event.error);
      default:
        event satisfies never;
    }
  }
  if (usage === null || finish === null) throw brokenOff();
  const generated_text = context.prefix + generated.text;
  if (!context.details) return { generated_text };
  const last = generated.end();
  return {
    generated_text,
    details: {
      finish_reason: formatFinishReason(finish),
      prompt_tokens: usage.promptTokens,
      generated_tokens: usage.completionTokens,
      skipped_tokens: 0,
      seed: context.seed,
      prefill: context.prefillTokens,
      tokens: last === null ? tokens : [...tokens, last],
    },
  };
}
