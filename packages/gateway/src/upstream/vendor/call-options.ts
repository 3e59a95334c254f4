import type { JSONSchema7, LanguageModelV3CallOptions, LanguageModelV3FunctionTool } from "@ai-sdk/provider";
import { ArrieroError, type GenerationInput, type GenerationRequest, type OutputFormat, type ToolChoice } from "@arriero/spec";
import { vendorPrompt } from "./prompt.ts";

type ChatInput = Extract<GenerationInput, { kind: "chat" }>;

/**
 * A generation as the AI SDK's specification asks for it. Settings at their neutral value are left out: many models
 * refuse a field that they do not know, whatever its value.
 *
 * @param seeded whether the vendor has a word for the seed
 * @throws ArrieroError unsupported
 */
export function callOptions(request: GenerationRequest, seeded: boolean): LanguageModelV3CallOptions {
  const { ignoreEos, input, logprobs, maxTokens, n, sampling, stop } = request;
  if (input.kind !== "chat") throw unsupported("bare prompts, only conversations");
  if (n > 1) throw unsupported("several choices");
  if (logprobs !== null) throw unsupported("log probabilities");
  if (ignoreEos) throw unsupported("ignore_eos");
  return {
    prompt: vendorPrompt(input.messages, input.prefill),
    temperature: sampling.temperature,
    ...unless(sampling.topP === 1, { topP: sampling.topP }),
    ...unless(sampling.topK === 0, { topK: sampling.topK }),
    ...unless(sampling.frequencyPenalty === 0, { frequencyPenalty: sampling.frequencyPenalty }),
    ...unless(sampling.presencePenalty === 0, { presencePenalty: sampling.presencePenalty }),
    // A signed 32-bit number with some vendors.
    ...unless(!seeded, { seed: sampling.seed & 0x7fffffff }),
    ...(maxTokens === null ? {} : { maxOutputTokens: maxTokens }),
    ...unless(stop.length === 0, { stopSequences: [...stop] }),
    ...responseFormat(request.format),
    ...tools(input),
  };
}

function responseFormat(format: OutputFormat): Pick<LanguageModelV3CallOptions, "responseFormat"> {
  switch (format.kind) {
    case "text":
      return {};
    case "json":
      return { responseFormat: { type: "json" } };
    case "json-schema":
      return {
        responseFormat: { type: "json", name: format.name ?? "answer", schema: format.schema as JSONSchema7 },
      };
    case "grammar":
      throw unsupported("grammars");
    default:
      return format satisfies never;
  }
}

function tools({ toolChoice, tools }: ChatInput): Pick<LanguageModelV3CallOptions, "tools" | "toolChoice"> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(
      ({ description, name, parameters }): LanguageModelV3FunctionTool => ({
        type: "function",
        name,
        ...(description === undefined ? {} : { description }),
        inputSchema: parameters as JSONSchema7,
      }),
    ),
    toolChoice: choice(toolChoice),
  };
}

function choice(wanted: ToolChoice): NonNullable<LanguageModelV3CallOptions["toolChoice"]> {
  return wanted.kind === "tool" ? { type: "tool", toolName: wanted.name } : { type: wanted.kind };
}

function unless<T extends object>(left: boolean, fields: T): T | Record<string, never> {
  return left ? {} : fields;
}

function unsupported(what: string): ArrieroError {
  return new ArrieroError("unsupported", `The backend of this model cannot do ${what}.`);
}
