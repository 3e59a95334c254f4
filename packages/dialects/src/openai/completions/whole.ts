import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import { brokenOff } from "../../frame-writer.ts";
import { mergeStreams } from "../../merge-streams.ts";
import { formatFinishReason, type OpenAiFinishReason } from "../finish-reason.ts";
import { formatUsage, type OpenAiUsage } from "../usage.ts";
import { type CompletionLogprobs, formatCompletionLogprobs } from "./logprobs.ts";
import type { CompletionPresentation } from "./parse.ts";

export interface TextCompletion {
  readonly id: string;
  readonly object: "text_completion";
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly logprobs: CompletionLogprobs | null;
    readonly finish_reason: OpenAiFinishReason;
  }[];
  readonly usage: OpenAiUsage;
}

/** The whole answer over all prompts. Throws the first error, or `replica_failed` when events just stop. */
export async function collectCompletion(
  streams: readonly AsyncIterable<GenerationEvent>[],
  presentation: CompletionPresentation,
): Promise<TextCompletion> {
  const { choicesPerPrompt, prefixes } = presentation;
  const drafts = prefixes.flatMap((text) =>
    Array.from({ length: choicesPerPrompt }, () => ({
      text,
      logprobs: [] as TokenLogprob[],
      finish: "length" as OpenAiFinishReason,
    })),
  );
  const usages: GenerationEventOf<"usage">[] = [];
  for await (const [prompt, event] of mergeStreams(streams)) {
    switch (event.type) {
      case "start":
      case "tool-call":
        break;
      case "text":
      case "reasoning":
      case "finish": {
        const draft = drafts[prompt * choicesPerPrompt + event.choice];
        if (draft === undefined) throw new ArrieroError("internal", `Choice ${event.choice} was not asked for.`);
        if (event.type === "finish") {
          draft.finish = formatFinishReason(event.reason);
        } else {
          draft.text += event.text;
          draft.logprobs.push(...(event.logprobs ?? []));
        }
        break;
      }
      case "usage":
        usages.push(event);
        break;
      case "error":
        throw ArrieroError.from(event.error);
      default:
        event satisfies never;
    }
  }
  if (usages.length < prefixes.length) throw brokenOff();
  return {
    id: presentation.id,
    object: "text_completion",
    created: presentation.created,
    model: presentation.model,
    system_fingerprint: presentation.fingerprint,
    choices: drafts.map(({ text, logprobs, finish }, index) => ({
      index,
      text,
      logprobs: presentation.logprobs ? formatCompletionLogprobs(logprobs, 0) : null,
      finish_reason: finish,
    })),
    usage: formatUsage(usages),
  };
}
