import type { AskedGeneration } from "@arriero/spec";
import type { Fields } from "../fields.ts";
import { parseStops } from "../stop-list.ts";
import type { ParseContext, Presentation } from "./context.ts";
import { parseOutputFormat } from "./output-format.ts";
import { parsePriority, parseSampling } from "./sampling.ts";

type Shared = "client" | "format" | "ignoreEos" | "priority" | "resume" | "sampling" | "stop" | "wantPromptTokens";

/** What chat and completions read in the same way. */
export function parseGenerationFields(fields: Fields, { client }: ParseContext): Pick<AskedGeneration, Shared> {
  return {
    sampling: parseSampling(fields),
    format: parseOutputFormat(fields),
    stop: parseStops(fields, "stop"),
    ignoreEos: fields.boolean("ignore_eos") ?? false,
    priority: parsePriority(fields),
    client,
    resume: null,
    wantPromptTokens: false,
  };
}

/** @param prefix of the answer's id, by which clients know its kind */
export function parsePresentation(fields: Fields, context: ParseContext, prefix: string, model: string): Presentation {
  return {
    id: `${prefix}-${context.id}`,
    created: context.created,
    model,
    fingerprint: context.fingerprint,
    stream: fields.boolean("stream") ?? false,
    includeUsage: fields.fields("stream_options")?.boolean("include_usage") ?? false,
  };
}
