import { ArrieroError, type AskedGeneration } from "@arriero/spec";
import { Fields, unsupported } from "../../fields.ts";
import { parseModelName } from "../../model-name.ts";
import type { ParseContext, Presentation } from "../context.ts";
import { parseGenerationFields, parsePresentation } from "../generation-fields.ts";
import { parseMaxTokens } from "../sampling.ts";
import { parseMessages } from "./messages.ts";
import { parseTools } from "./tools.ts";

const MAX_CHOICES = 16;
const MAX_TOP_LOGPROBS = 20;

export interface ChatPresentation extends Presentation {
  /** Choices asked for. */
  readonly choices: number;
  readonly logprobs: boolean;
  /** Calls are answered as `function_call` instead of `tool_calls`. */
  readonly legacyFunctions: boolean;
}

export interface ParsedChat {
  readonly request: AskedGeneration;
  readonly presentation: ChatPresentation;
}

/** POST /v1/chat/completions. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller wrote it. */
export function parseChat(body: unknown, context: ParseContext): ParsedChat {
  const fields = Fields.body(body);
  const { model, adapter, written } = parseModelName(fields);
  refuseOtherModalities(fields);
  const { tools, toolChoice, parallelToolCalls, legacy } = parseTools(fields);
  const reasoning = parseReasoning(fields);
  const logprobs = parseLogprobs(fields);
  const n = fields.integer("n", { min: 1, max: MAX_CHOICES }) ?? 1;
  const request: AskedGeneration = {
    id: context.id,
    model,
    adapter,
    input: {
      kind: "chat",
      messages: parseMessages(fields),
      tools,
      toolChoice,
      parallelToolCalls,
      ...(reasoning === undefined ? {} : { reasoning }),
    },
    maxTokens: parseMaxTokens(fields, "max_completion_tokens") ?? parseMaxTokens(fields, "max_tokens") ?? null,
    logprobs,
    n,
    ...parseGenerationFields(fields, context),
  };
  const presentation: ChatPresentation = {
    ...parsePresentation(fields, context, "chatcmpl", written),
    choices: n,
    logprobs: logprobs !== null,
    legacyFunctions: legacy,
  };
  return { request, presentation };
}

function parseLogprobs(fields: Fields): number | null {
  const wanted = fields.boolean("logprobs") ?? false;
  const top = fields.integer("top_logprobs", { min: 0, max: MAX_TOP_LOGPROBS }) ?? 0;
  if (wanted) return top;
  if (top === 0) return null;
  throw new ArrieroError("invalid_request", `top_logprobs is ${top}, but logprobs is not true.`, { param: "logprobs" });
}

/** The template's own switch says it most directly; `reasoning_effort` is the portable way. */
function parseReasoning(fields: Fields): boolean | undefined {
  const effort = fields.string("reasoning_effort", 32);
  const kwargs = fields.fields("chat_template_kwargs");
  const thinking = kwargs?.boolean("enable_thinking") ?? kwargs?.boolean("thinking");
  if (thinking !== undefined) return thinking;
  return effort === undefined ? undefined : effort !== "none" && effort !== "minimal";
}

function refuseOtherModalities(fields: Fields): void {
  const modalities = fields.list("modalities", 8) ?? [];
  const other = modalities.findIndex((each) => each !== "text");
  if (other !== -1) throw unsupported(`modalities[${other}]`, "Only text can be generated; leave modalities out.");
}
