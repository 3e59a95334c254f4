import type { AskedGeneration, AskedSampling, GenerationInput, OutputFormat } from "@arriero/spec";
import { Fields, refusal, unsupported } from "../fields.ts";
import { parseModelName } from "../model-name.ts";
import { parseStopList } from "../stop-list.ts";
import { parseMessages } from "./messages.ts";
import { parseTools } from "./tools.ts";

const MAX_TOKENS = 1_000_000;
const UNIT = { min: 0, max: 1 };

/** What a request needs that is not in its body: passed in, so that parsing stays a pure function. */
export interface ParseContext {
  /** Unique, at most 100 characters; the message's id is made from it. */
  readonly id: string;
  /** The `request-id` of the answer, repeated in errors. */
  readonly requestId: string;
  /** Fairness key: the account, key or address the request is charged to. */
  readonly client: string;
}

/** What the answer repeats of the request, or is read by. */
export interface MessagePresentation {
  readonly id: string;
  readonly requestId: string;
  /** The model as the caller wrote it. */
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number;
  /** The caller's own: a model's published stop sequences are not reported as these. */
  readonly stopSequences: readonly string[];
  /** `omitted`: thinking blocks are there, but empty. */
  readonly thinking: "shown" | "omitted";
}

export interface ParsedMessage {
  readonly request: AskedGeneration;
  readonly presentation: MessagePresentation;
}

/** POST /v1/messages. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller wrote it. */
export function parseMessage(body: unknown, context: ParseContext): ParsedMessage {
  const fields = Fields.body(body);
  const { model, adapter, written } = parseModelName(fields);
  const maxTokens = parseMaxTokens(fields);
  const stop = parseStopList(fields, "stop_sequences");
  const request: AskedGeneration = {
    id: context.id,
    model,
    adapter,
    input: parseInput(fields),
    sampling: parseSampling(fields),
    format: parseOutputFormat(fields),
    maxTokens,
    stop,
    logprobs: null,
    n: 1,
    ignoreEos: false,
    priority: "interactive",
    client: context.client,
    resume: null,
    wantPromptTokens: false,
  };
  const presentation: MessagePresentation = {
    id: `msg_${context.id}`,
    requestId: context.requestId,
    model: written,
    stream: fields.boolean("stream") ?? false,
    maxTokens,
    stopSequences: stop,
    thinking: fields.fields("thinking")?.string("display") === "omitted" ? "omitted" : "shown",
  };
  return { request, presentation };
}

export interface ParsedTokenCount {
  readonly model: string;
  readonly adapter: string | null;
  readonly input: GenerationInput;
}

/** POST /v1/messages/count_tokens: the fields of a message that make its prompt. */
export function parseTokenCount(body: unknown): ParsedTokenCount {
  const fields = Fields.body(body);
  const { model, adapter } = parseModelName(fields);
  return { model, adapter, input: parseInput(fields) };
}

function parseInput(fields: Fields): GenerationInput {
  refuseThread(fields);
  const reasoning = parseThinking(fields);
  const { messages, prefill } = parseMessages(fields);
  const tools = parseTools(fields);
  if (prefill !== null) refuseBesidePrefill(fields, reasoning === true, tools.toolChoice?.kind);
  return {
    kind: "chat",
    messages,
    ...tools,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(prefill === null ? {} : { prefill }),
  };
}

/** What has to be at the answer's beginning cannot be where somebody else has begun it. */
function refuseBesidePrefill(fields: Fields, thinks: boolean, toolChoice: string | undefined): void {
  const refuse = (path: string) => unsupported(path, `${path} cannot be used where the last message begins the answer.`);
  if (thinks) throw refuse("thinking");
  if (fields.fields("output_config")?.raw("format") !== undefined) throw refuse("output_config.format");
  if (toolChoice !== undefined && toolChoice !== "auto" && toolChoice !== "none") throw refuse("tool_choice");
}

/** The rest of a thread's conversation would be with a server that keeps it; the messages here are not the whole. */
function refuseThread(fields: Fields): void {
  if (fields.raw("thread") === undefined) return;
  throw unsupported("thread", "Threads are not kept here; send the whole conversation in messages.");
}

function parseMaxTokens(fields: Fields): number {
  const tokens = fields.integer("max_tokens", { min: 1, max: MAX_TOKENS });
  if (tokens === undefined) throw refusal("max_tokens", `an integer from 1 to ${MAX_TOKENS}`, undefined);
  return tokens;
}

function parseSampling(fields: Fields): AskedSampling {
  return {
    temperature: fields.number("temperature", { min: 0, max: 2 }),
    topK: fields.integer("top_k", { min: 0, max: 1_000_000 }),
    topP: fields.number("top_p", UNIT),
  };
}

/** A budget is checked and not kept: `max_tokens` bounds thinking and answer together. */
function parseThinking(fields: Fields): boolean | undefined {
  const thinking = fields.fields("thinking");
  if (thinking === undefined) return undefined;
  thinking.integer("budget_tokens", { min: 1, max: MAX_TOKENS });
  const type = thinking.oneOf("type", ["enabled", "disabled", "adaptive", "between_tools"]);
  if (type === undefined) throw refusal(thinking.at("type"), '"enabled", "disabled" or "adaptive"', undefined);
  return type !== "disabled";
}

function parseOutputFormat(fields: Fields): OutputFormat {
  const format = fields.fields("output_config")?.fields("format");
  if (format === undefined) return { kind: "text" };
  format.oneOf("type", ["json_schema"]);
  const schema = format.json("schema");
  if (schema === undefined) throw refusal(format.at("schema"), "a JSON Schema object", undefined);
  return { kind: "json-schema", schema };
}
