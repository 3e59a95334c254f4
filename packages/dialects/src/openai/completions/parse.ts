import { ArrieroError, type AskedGeneration, type GenerationInput } from "@arriero/spec";
import { Fields, integerAt, listAt, refusal, unsupported } from "../../fields.ts";
import { parseModelName } from "../../model-name.ts";
import type { ParseContext, Presentation } from "../context.ts";
import { parseGenerationFields, parsePresentation } from "../generation-fields.ts";
import { parseMaxTokens } from "../sampling.ts";

/** Choices in one answer: prompts times n. */
const MAX_CHOICES = 128;
const MAX_CHOICES_PER_PROMPT = 16;
const MAX_PROMPT_TOKENS = 1_000_000;
const MAX_LOGPROBS = 5;
/** What OpenAI generates when `max_tokens` is absent. */
const DEFAULT_MAX_TOKENS = 16;

export interface CompletionPresentation extends Presentation {
  /** Choices of each prompt: choice c of prompt p is number `p * choicesPerPrompt + c`. */
  readonly choicesPerPrompt: number;
  readonly logprobs: boolean;
  /** The text each prompt's choices begin with: the prompt itself under `echo`, else "". */
  readonly prefixes: readonly string[];
}

export interface ParsedCompletion {
  /** One for each prompt, in order. */
  readonly requests: AskedGeneration[];
  readonly presentation: CompletionPresentation;
}

type Prompt = Extract<GenerationInput, { kind: "text" | "tokens" }>;

/** POST /v1/completions. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller wrote it. */
export function parseCompletion(body: unknown, context: ParseContext): ParsedCompletion {
  const fields = Fields.body(body);
  const { model, adapter, written } = parseModelName(fields);
  const prompts = parsePrompts(fields);
  const n = parseChoices(fields, prompts.length);
  const logprobs = fields.integer("logprobs", { min: 0, max: MAX_LOGPROBS }) ?? null;
  if (fields.string("suffix")) throw unsupported("suffix", "Completions take no suffix; leave it out.");
  const prefixes = parseEcho(fields, prompts, logprobs);
  const maxTokens = parseMaxTokens(fields, "max_tokens");
  const shared = {
    model,
    adapter,
    maxTokens: maxTokens === undefined ? DEFAULT_MAX_TOKENS : maxTokens,
    logprobs,
    n,
    ...parseGenerationFields(fields, context),
  };
  const requests = prompts.map(
    (input, i): AskedGeneration => ({ ...shared, id: i === 0 ? context.id : `${context.id}-${i}`, input }),
  );
  const presentation: CompletionPresentation = {
    ...parsePresentation(fields, context, "cmpl", written),
    choicesPerPrompt: n,
    logprobs: logprobs !== null,
    prefixes,
  };
  return { requests, presentation };
}

function parsePrompts(fields: Fields): Prompt[] {
  const value = fields.raw("prompt");
  if (typeof value === "string") return [{ kind: "text", text: value }];
  if (!Array.isArray(value) || value.length === 0) throw refusal("prompt", "a string, or an array that is not empty", value);
  if (typeof value[0] === "number") return [tokens(value, "prompt")];
  return listAt(value, "prompt", MAX_CHOICES).map((each, i) => {
    if (typeof each === "string") return { kind: "text", text: each };
    if (Array.isArray(each) && each.length > 0) return tokens(each, `prompt[${i}]`);
    throw refusal(`prompt[${i}]`, "a string or an array of token ids", each);
  });
}

function tokens(value: unknown, path: string): Prompt {
  const rule = { min: 0, max: 0x7fffffff };
  const ids = listAt(value, path, MAX_PROMPT_TOKENS).map((each, i) => integerAt(each, `${path}[${i}]`, rule));
  return { kind: "tokens", tokens: ids };
}

function parseChoices(fields: Fields, prompts: number): number {
  const n = fields.integer("n", { min: 1, max: MAX_CHOICES_PER_PROMPT }) ?? 1;
  const bestOf = fields.integer("best_of", { min: 1, max: MAX_CHOICES_PER_PROMPT }) ?? n;
  if (bestOf !== n) throw unsupported("best_of", `best_of is ${bestOf} and n is ${n}; only best_of equal to n is supported.`);
  if (prompts * n > MAX_CHOICES) {
    const message = `prompt holds ${prompts} prompts of ${n} choices each; prompts times n must be at most ${MAX_CHOICES}.`;
    throw new ArrieroError("invalid_request", message, { param: "prompt" });
  }
  return n;
}

/** Log probabilities and text of token prompts would need the model; they are refused rather than left out. */
function parseEcho(fields: Fields, prompts: readonly Prompt[], logprobs: number | null): string[] {
  if (!(fields.boolean("echo") ?? false)) return prompts.map(() => "");
  if (logprobs !== null) throw unsupported("echo", "echo together with logprobs is not supported; ask for one of them.");
  return prompts.map((prompt) => {
    if (prompt.kind === "text") return prompt.text;
    throw unsupported("echo", "echo is supported for text prompts only, and this prompt is token ids.");
  });
}
