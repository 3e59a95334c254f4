import type { AskedGeneration } from "@arriero/spec";
import type { Fields } from "../fields.ts";
import type { ParseContext, Presentation } from "./context.ts";
import { type KeepAlive, parseKeepAlive } from "./keep-alive.ts";
import { parseLogprobs } from "./logprobs.ts";
import { parseRequiredModel } from "./model-name.ts";
import { parseOptions } from "./options.ts";
import { parseFormat } from "./output-format.ts";

/** What a request of chat or generate comes to. */
export interface ParsedGeneration {
  /** The model asked for, and what of its adapters. */
  readonly asked: { readonly model: string; readonly adapter: string | null };
  /** null: nothing is to be generated, the model is only to be loaded, or unloaded where `keepAlive` is 0. */
  readonly request: AskedGeneration | null;
  readonly presentation: Presentation;
  readonly keepAlive: KeepAlive;
}

/** All of a request but its input, which is what the two routes differ in. */
export function parseGeneration(fields: Fields, context: ParseContext, input: AskedGeneration["input"] | null): ParsedGeneration {
  const { model, adapter, written } = parseRequiredModel(fields);
  const { maxTokens, sampling, stop } = parseOptions(fields);
  const logprobs = parseLogprobs(fields);
  const format = parseFormat(fields);
  return {
    asked: { model, adapter },
    request:
      input === null
        ? null
        : {
            id: context.id,
            model,
            adapter,
            input,
            sampling,
            format,
            maxTokens,
            stop: [...stop],
            logprobs,
            n: 1,
            ignoreEos: false,
            priority: "interactive",
            client: context.client,
            resume: null,
            wantPromptTokens: false,
          },
    presentation: { model: written, stream: fields.boolean("stream") ?? true, logprobs: logprobs !== null },
    keepAlive: parseKeepAlive(fields),
  };
}
