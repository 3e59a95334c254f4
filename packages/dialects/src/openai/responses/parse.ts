import type { AskedGeneration, OutputFormat } from "@arriero/spec";
import { Fields, refusal, unsupported } from "../../fields.ts";
import { parseModelName } from "../../model-name.ts";
import type { ParseContext } from "../context.ts";
import { parsePriority, parseSampling } from "../sampling.ts";
import { parseInput } from "./input.ts";
import { parseResponseTools } from "./tools.ts";

const MAX_TOKENS = 1_000_000;
const MAX_SCHEMA_NAME = 64;
const MAX_INCLUDES = 32;

/** Fields that only mean something where answers are stored. */
const STORED = ["previous_response_id", "conversation", "prompt"] as const;

export interface ResponsePresentation {
  readonly id: string;
  /** Unix time in seconds. */
  readonly created: number;
  /** The model as the caller wrote it. */
  readonly model: string;
  readonly stream: boolean;
  /** What the answer repeats of the request. */
  readonly echo: Readonly<Record<string, unknown>>;
}

export interface ParsedResponse {
  readonly request: AskedGeneration;
  readonly presentation: ResponsePresentation;
}

/** POST /v1/responses, without what needs storage. Throws a 4xx ArrieroError whose `param` is the field at fault. */
export function parseResponse(body: unknown, context: ParseContext): ParsedResponse {
  const fields = Fields.body(body);
  const { adapter, model, written } = parseModelName(fields);
  refuseStored(fields);
  refuseLogprobs(fields);
  if (fields.oneOf("truncation", ["auto", "disabled"]) === "auto") {
    throw unsupported("truncation", "Nothing is left out of the input here; send what fits, with truncation disabled.");
  }
  const { parallelToolCalls, toolChoice, tools } = parseResponseTools(fields);
  const effort = fields.fields("reasoning")?.string("effort", 32);
  const maxTokens = fields.integer("max_output_tokens", { min: 1, max: MAX_TOKENS }) ?? null;
  const sampling = parseSampling(fields);
  const request: AskedGeneration = {
    id: context.id,
    model,
    adapter,
    input: {
      kind: "chat",
      messages: parseInput(fields),
      tools,
      toolChoice,
      parallelToolCalls,
      ...(effort === undefined ? {} : { reasoning: effort !== "none" && effort !== "minimal" }),
    },
    sampling,
    format: parseTextFormat(fields),
    maxTokens,
    stop: [],
    logprobs: null,
    n: 1,
    ignoreEos: false,
    priority: parsePriority(fields),
    client: context.client,
    resume: null,
    wantPromptTokens: false,
  };
  const presentation: ResponsePresentation = {
    id: `resp_${context.id}`,
    created: context.created,
    model: written,
    stream: fields.boolean("stream") ?? false,
    echo: {
      instructions: fields.raw("instructions") ?? null,
      max_output_tokens: maxTokens,
      metadata: fields.json("metadata") ?? {},
      parallel_tool_calls: parallelToolCalls,
      previous_response_id: null,
      reasoning: { effort: effort ?? null, summary: null },
      store: false,
      temperature: sampling.temperature ?? 1,
      text: fields.json("text") ?? { format: { type: "text" } },
      tool_choice: fields.shallow("tool_choice") ?? "auto",
      tools: fields.shallow("tools") ?? [],
      top_p: sampling.topP ?? 1,
      truncation: "disabled",
    },
  };
  return { request, presentation };
}

function refuseStored(fields: Fields): void {
  for (const key of STORED) {
    if (fields.raw(key) !== undefined) {
      throw unsupported(key, `${key} needs stored answers, and none are stored here; send the whole conversation as input.`);
    }
  }
  if (fields.boolean("background") === true)
    throw unsupported("background", "Answers are not stored, so none are made in the background.");
}

function refuseLogprobs(fields: Fields): void {
  const top = fields.integer("top_logprobs", { min: 0, max: 20 }) ?? 0;
  if (top > 0) throw unsupported("top_logprobs", "Log probabilities are given by /v1/chat/completions alone.");
  const wanted = (fields.list("include", MAX_INCLUDES) ?? []).indexOf("message.output_text.logprobs");
  if (wanted !== -1) throw unsupported(`include[${wanted}]`, "Log probabilities are given by /v1/chat/completions alone.");
}

function parseTextFormat(fields: Fields): OutputFormat {
  const format = fields.fields("text")?.fields("format");
  const type = format?.oneOf("type", ["text", "json_object", "json_schema"]) ?? "text";
  if (format === undefined || type === "text") return { kind: "text" };
  if (type === "json_object") return { kind: "json" };
  const schema = format.json("schema");
  if (schema === undefined) throw refusal(format.at("schema"), "a JSON Schema object", undefined);
  const name = format.string("name", MAX_SCHEMA_NAME);
  return { kind: "json-schema", schema, ...(name === undefined ? {} : { name }) };
}
