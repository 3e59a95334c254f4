import { ArrieroError, type ChatMessage, type GenerationRequest, type OutputFormat, type ToolChoice } from "@arriero/spec";

/** How a server continues an assistant's message: by vLLM's and SGLang's flag, of itself (llama-server), or not at all. */
export type PrefillHabit = "continue-flag" | "trailing-message" | "none";

/** What a server understands beyond OpenAI's own fields. What it does not is left out: strict servers refuse it. */
export interface OpenAiHabits {
  readonly prefill: PrefillHabit;
  /** top_k, min_p, repetition_penalty and the template's switches. */
  readonly extendedSampling: boolean;
  /** Usage on every chunk (`stream_options.continuous_usage_stats`): repeated chunks can be told from repeated words. */
  readonly runningUsage: boolean;
}

export interface OpenAiCall {
  readonly path: "/chat/completions" | "/completions";
  readonly body: Readonly<Record<string, unknown>>;
}

const CONTINUOUS_USAGE = { include_usage: true, continuous_usage_stats: true };

/** A generation as an OpenAI-compatible server is asked for it, as a stream or whole. @throws ArrieroError unsupported */
export function openAiCall(request: GenerationRequest, model: string, habits: OpenAiHabits, whole = false): OpenAiCall {
  if (request.logprobs !== null) throw unsupported("log probabilities");
  if (request.ignoreEos && !habits.extendedSampling) throw unsupported("ignore_eos");
  const { input } = request;
  const body: Record<string, unknown> = { model, stream: !whole };
  if (!whole) {
    body["stream_options"] = habits.runningUsage ? CONTINUOUS_USAGE : { include_usage: true };
  }
  addSampling(body, request, habits);
  if (request.n !== 1) body["n"] = request.n;
  if (request.maxTokens !== null) body["max_tokens"] = request.maxTokens;
  if (request.stop.length > 0) body["stop"] = request.stop;
  if (request.format.kind !== "text") body["response_format"] = responseFormat(request.format);
  switch (input.kind) {
    case "text":
      body["prompt"] = input.text;
      return { path: "/completions", body };
    case "tokens":
      body["prompt"] = input.tokens;
      return { path: "/completions", body };
    case "chat":
      body["messages"] = input.messages.map(formatMessage);
      if (input.tools.length > 0) Object.assign(body, tools(input));
      Object.assign(body, reasoning(input, habits), prefill(input, habits));
      return { path: "/chat/completions", body };
    default:
      return input satisfies never;
  }
}

type ChatInput = Extract<GenerationRequest["input"], { kind: "chat" }>;

function addSampling(
  body: Record<string, unknown>,
  { ignoreEos, sampling }: GenerationRequest,
  { extendedSampling }: OpenAiHabits,
): void {
  body["temperature"] = sampling.temperature;
  body["top_p"] = sampling.topP;
  body["seed"] = sampling.seed;
  if (sampling.frequencyPenalty !== 0) body["frequency_penalty"] = sampling.frequencyPenalty;
  if (sampling.presencePenalty !== 0) body["presence_penalty"] = sampling.presencePenalty;
  if (sampling.logitBias !== undefined) body["logit_bias"] = sampling.logitBias;
  if (!extendedSampling) return;
  if (sampling.topK !== 0) body["top_k"] = sampling.topK;
  if (sampling.minP !== 0) body["min_p"] = sampling.minP;
  if (sampling.repeatPenalty !== 1) body["repetition_penalty"] = sampling.repeatPenalty;
  if (ignoreEos) body["ignore_eos"] = true;
}

function responseFormat(format: Exclude<OutputFormat, { kind: "text" }>): Record<string, unknown> {
  switch (format.kind) {
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return { type: "json_schema", json_schema: { name: format.name ?? "answer", schema: format.schema, strict: true } };
    case "grammar":
      throw unsupported("grammars");
    default:
      return format satisfies never;
  }
}

function tools(input: ChatInput): Record<string, unknown> {
  return {
    tools: input.tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, ...unless(description === undefined, { description }), parameters },
    })),
    tool_choice: toolChoice(input.toolChoice),
    ...unless(input.parallelToolCalls, { parallel_tool_calls: false }),
  };
}

function toolChoice(choice: ToolChoice): unknown {
  return choice.kind === "tool" ? { type: "function", function: { name: choice.name } } : choice.kind;
}

function reasoning(input: ChatInput, { extendedSampling }: OpenAiHabits): Record<string, unknown> {
  if (input.reasoning === undefined || !extendedSampling) return {};
  return { chat_template_kwargs: { enable_thinking: input.reasoning } };
}

function prefill({ messages, prefill: text }: ChatInput, habits: OpenAiHabits): Record<string, unknown> {
  if (text === undefined) return {};
  const opened = { messages: [...messages.map(formatMessage), { role: "assistant", content: text }] };
  switch (habits.prefill) {
    case "continue-flag":
      return { ...opened, continue_final_message: true, add_generation_prompt: false };
    case "trailing-message":
      return opened;
    case "none":
      throw unsupported("a prefilled answer");
    default:
      return habits.prefill satisfies never;
  }
}

function formatMessage(message: ChatMessage): Record<string, unknown> {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: message.content, ...unless(message.name === undefined, { name: message.name }) };
    case "assistant": {
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: args }) => ({
        id,
        type: "function",
        function: { name, arguments: args },
      }));
      return {
        role: "assistant",
        content: message.content === "" && calls.length > 0 ? null : message.content,
        ...unless(message.reasoning === undefined, { reasoning_content: message.reasoning }),
        ...unless(calls.length === 0, { tool_calls: calls }),
      };
    }
    case "tool":
      return { role: "tool", content: message.content, tool_call_id: message.toolCallId };
    default:
      return message satisfies never;
  }
}

function unless<T extends object>(left: boolean, fields: T): T | Record<string, never> {
  return left ? {} : fields;
}

function unsupported(what: string): ArrieroError {
  return new ArrieroError("unsupported", `The backend of this model cannot do ${what}.`);
}
