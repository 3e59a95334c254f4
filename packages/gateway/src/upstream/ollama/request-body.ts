import { ArrieroError, type ChatMessage, type GenerationRequest, type OutputFormat } from "@arriero/spec";
import { isObject } from "../backend/json-object.ts";

export interface OllamaCall {
  readonly path: "/api/chat" | "/api/generate";
  readonly body: Readonly<Record<string, unknown>>;
}

/** A generation as Ollama is asked for it. @throws ArrieroError unsupported */
export function ollamaCall(request: GenerationRequest, model: string): OllamaCall {
  if (request.n > 1) throw unsupported("several choices");
  if (request.logprobs !== null) throw unsupported("log probabilities");
  if (request.ignoreEos) throw unsupported("ignore_eos");
  const { input } = request;
  const common = { model, stream: true, options: options(request), ...format(request.format) };
  switch (input.kind) {
    case "tokens":
      throw unsupported("prompts of token ids");
    case "text":
      // Raw: a bare text gets no template, as everywhere.
      return { path: "/api/generate", body: { ...common, prompt: input.text, raw: true } };
    case "chat": {
      if (input.toolChoice.kind === "required" || input.toolChoice.kind === "tool") throw unsupported("a forced tool call");
      const tools = input.toolChoice.kind === "none" ? [] : input.tools;
      const names = callNames(input.messages);
      return {
        path: "/api/chat",
        body: {
          ...common,
          messages: [
            ...input.messages.map((message) => formatMessage(message, names)),
            // Ollama goes on with a last message of the assistant's.
            ...(input.prefill === undefined ? [] : [{ role: "assistant", content: input.prefill }]),
          ],
          ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: tool })) }),
          ...(input.reasoning === undefined ? {} : { think: input.reasoning }),
        },
      };
    }
    default:
      return input satisfies never;
  }
}

function options({ maxTokens, sampling, stop }: GenerationRequest): Record<string, unknown> {
  return {
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    typical_p: sampling.typicalP,
    repeat_penalty: sampling.repeatPenalty,
    repeat_last_n: sampling.penaltyLastN,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    // A signed 32-bit number there.
    seed: sampling.seed & 0x7fffffff,
    num_predict: maxTokens ?? -1,
    ...(stop.length === 0 ? {} : { stop }),
  };
}

function format(format: OutputFormat): Record<string, unknown> {
  switch (format.kind) {
    case "text":
      return {};
    case "json":
      return { format: "json" };
    case "json-schema":
      return { format: format.schema };
    case "grammar":
      throw unsupported("grammars");
    default:
      return format satisfies never;
  }
}

/** Call id -> name: Ollama knows a tool's answer by its name. */
function callNames(messages: readonly ChatMessage[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap((message) => (message.role === "assistant" ? (message.toolCalls ?? []) : []));
  return new Map(calls.map(({ id, name }) => [id, name]));
}

function formatMessage(message: ChatMessage, names: ReadonlyMap<string, string>): Record<string, unknown> {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content,
        ...(message.reasoning === undefined ? {} : { thinking: message.reasoning }),
        ...(message.toolCalls === undefined
          ? {}
          : {
              tool_calls: message.toolCalls.map((call) => ({
                function: { name: call.name, arguments: argumentsOf(call.arguments) },
              })),
            }),
      };
    case "tool":
      return { role: "tool", content: message.content, tool_name: message.name ?? names.get(message.toolCallId) ?? "" };
    default:
      return message satisfies never;
  }
}

/** Ollama wants an object where OpenAI has its text. */
function argumentsOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function unsupported(what: string): ArrieroError {
  return new ArrieroError("unsupported", `The backend of this model cannot do ${what}.`);
}
