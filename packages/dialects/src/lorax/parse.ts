import type { AskedGeneration, AskedSampling } from "@arriero/spec";
import { Fields, unsupported } from "../fields.ts";
import { parseStopList } from "../stop-list.ts";
import { parseConstraint } from "./output-format.ts";

const MAX_TOKENS = 1_000_000;
const MAX_NAME = 256;
const MAX_ALTERNATIVES = 20;
/** Penalties look back over the whole prompt, as those of Transformers do. */
const WHOLE_CONTEXT = 32_768;
/** What LoRAX calls the model without any adapter. */
const BASE_MODEL = "__base_model__";

/** What a request needs that is not in its body. */
export interface GenerateContext {
  /** Request id, at most 100 characters. */
  readonly id: string;
  /** Fairness key: the account, key or address the request is charged to. */
  readonly client: string;
}

export interface GeneratePresentation {
  readonly stream: boolean;
  readonly details: boolean;
  /** Ids and texts of the prompt's tokens in `details.prefill`. */
  readonly prefill: boolean;
  /** What the generated text begins with: the prompt under `return_full_text`, else "". */
  readonly prefix: string;
  /** Alternatives shown with each token; null: none were asked for. */
  readonly alternatives: number | null;
}

export interface ParsedGenerate {
  /** `model` is "": these routes name none. */
  readonly request: AskedGeneration;
  readonly presentation: GeneratePresentation;
  /** This API's own defaults: greedy, unless something asks for draws. */
  readonly habits: AskedSampling;
  /** The prompt's last tokens to keep; null: all. */
  readonly truncate: number | null;
}

/** What a route's path says of `stream`; `POST /` leaves it to the body. */
export type StreamRule = "whole" | "stream" | "as-asked";

/**
 * POST /, /generate and /generate_stream. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller
 * wrote it. `api_token` is not even read: it would open hubs that adapters are not fetched from.
 */
export function parseGenerate(body: unknown, context: GenerateContext, rule: StreamRule): ParsedGenerate {
  const fields = Fields.body(body);
  const inputs = fields.requiredString("inputs");
  const stream = rule === "as-asked" ? (fields.boolean("stream") ?? false) : rule === "stream";
  const parameters = fields.fields("parameters") ?? Fields.of({}, "parameters");
  refuseWhatIsNotDone(parameters);
  const { draws, sampling } = parseSampling(parameters);
  const alternatives = parameters.integer("return_k_alternatives", { min: 0, max: MAX_ALTERNATIVES }) ?? 0;
  const prefill = parameters.boolean("decoder_input_details") ?? false;
  if (prefill && stream) {
    const path = parameters.at("decoder_input_details");
    throw unsupported(path, "The prompt's tokens are not part of a stream; ask for them without one.");
  }
  const details = (parameters.boolean("details") ?? false) || prefill;
  return {
    request: {
      id: context.id,
      model: "",
      adapter: parseAdapter(parameters),
      input: { kind: "text", text: inputs },
      sampling,
      format: parseConstraint(parameters),
      maxTokens: parameters.integer("max_new_tokens", { min: 1, max: MAX_TOKENS }) ?? null,
      stop: parseStopList(parameters, "stop"),
      // Each token of these answers has its probability; an answer that shows no tokens needs none.
      logprobs: stream || details ? alternatives : null,
      n: 1,
      ignoreEos: parameters.boolean("ignore_eos_token") ?? false,
      priority: "interactive",
      client: context.client,
      resume: null,
      wantPromptTokens: false,
    },
    presentation: {
      stream,
      details,
      prefill,
      prefix: parameters.boolean("return_full_text") ? inputs : "",
      alternatives: alternatives === 0 ? null : alternatives,
    },
    habits: { temperature: draws ? 1 : 0, penaltyLastN: WHOLE_CONTEXT },
    truncate: parameters.integer("truncate", { min: 1, max: MAX_TOKENS }) ?? null,
  };
}

/**
 * As in text-generation-inference, tokens are drawn when `do_sample` says so, or when a temperature other than 1, top_k,
 * top_p or typical_p is given; else the likeliest is taken.
 */
function parseSampling(parameters: Fields): { draws: boolean; sampling: AskedSampling } {
  const share = { min: 0, max: 1, exclusive: true };
  const temperature = parameters.number("temperature", { min: 0, max: 10 });
  const topK = parameters.integer("top_k", { min: 0, max: 1_000_000 });
  const topP = parameters.number("top_p", share);
  const typicalP = parameters.number("typical_p", share);
  const asked = parameters.boolean("do_sample");
  const shaped = temperature !== undefined && temperature !== 1;
  const draws = asked === true || shaped || Boolean(topK) || (topP ?? 1) < 1 || (typicalP ?? 1) < 1;
  const greedy = !draws && (asked === false || temperature !== undefined);
  const sampling = {
    temperature: greedy ? 0 : temperature,
    topK,
    topP,
    typicalP,
    repeatPenalty: parameters.number("repetition_penalty", { min: 0, max: 10, exclusive: true }),
    frequencyPenalty: parameters.number("frequency_penalty", { min: -2, max: 2 }),
    presencePenalty: parameters.number("presence_penalty", { min: -2, max: 2 }),
    seed: parseSeed(parameters),
  };
  return { draws, sampling };
}

/** Any uint64 is a seed; its low 32 bits are the ones drawn with. */
function parseSeed(parameters: Fields): number | undefined {
  const seed = parameters.integer("seed", { min: 0, max: 2 ** 64 });
  return seed === undefined ? undefined : Number(BigInt.asUintN(32, BigInt(seed)));
}

/** Adapters come from the model store alone. "" and LoRAX's own word for it mean the model without one. */
function parseAdapter(parameters: Fields): string | null {
  const adapter = parameters.string("adapter_id", MAX_NAME) ?? "";
  const source = parameters.string("adapter_source", MAX_NAME) ?? "local";
  if (adapter === "" || adapter === BASE_MODEL) return null;
  if (source === "local") return adapter;
  const path = parameters.at("adapter_source");
  throw unsupported(path, `${path} must be "local" or left out: adapters are not fetched from elsewhere for a request.`);
}

function refuseWhatIsNotDone(parameters: Fields): void {
  const bestOf = parameters.integer("best_of", { min: 1, max: MAX_TOKENS }) ?? 1;
  if (bestOf > 1) throw unsupported(parameters.at("best_of"), `best_of is ${bestOf}; only 1 is supported.`);
  for (const key of ["watermark", "apply_chat_template"]) {
    if (!parameters.boolean(key)) continue;
    const instead = key === "watermark" ? "Leave it out." : "Send conversations to /v1/chat/completions.";
    throw unsupported(parameters.at(key), `${key} is not supported. ${instead}`);
  }
  for (const key of ["merged_adapters", "top_n_tokens"]) {
    const value = parameters.raw(key);
    if (value === undefined || value === 0) continue;
    const instead = key === "merged_adapters" ? "Name one adapter by adapter_id." : "Use return_k_alternatives.";
    throw unsupported(parameters.at(key), `${key} is not supported. ${instead}`);
  }
}
