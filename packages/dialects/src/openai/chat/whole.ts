import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import { brokenOff } from "../../frame-writer.ts";
import { formatFinishReason, type OpenAiFinishReason } from "../finish-reason.ts";
import { formatUsage, type OpenAiUsage } from "../usage.ts";
import { type ChatLogprobs, formatChatLogprobs } from "./logprobs.ts";
import type { ChatPresentation } from "./parse.ts";

export interface ChatCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: readonly ChatChoice[];
  readonly usage: OpenAiUsage;
}

interface ChatChoice {
  readonly index: number;
  readonly message: ChatAnswer;
  readonly logprobs: ChatLogprobs | null;
  readonly finish_reason: OpenAiFinishReason;
}

interface ChatAnswer {
  readonly role: "assistant";
  /** Null when the model only called tools. */
  readonly content: string | null;
  readonly refusal: null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly type: "function"; readonly function: FunctionCall }[];
  readonly function_call?: FunctionCall;
}

interface FunctionCall {
  readonly name: string;
  readonly arguments: string;
}

/** A choice as its events arrive; its size is bounded by the tokens asked for. */
interface Draft {
  text: string;
  reasoning: string;
  readonly logprobs: TokenLogprob[];
  readonly calls: { id: string; name: string; arguments: string }[];
  finish: OpenAiFinishReason;
}

/** One answer as its events arrive. */
export class WholeChat {
  readonly #presentation: ChatPresentation;
  readonly #drafts: readonly Draft[];
  #usage: GenerationEventOf<"usage"> | null = null;

  constructor(presentation: ChatPresentation) {
    this.#presentation = presentation;
    this.#drafts = Array.from({ length: presentation.choices }, newDraft);
  }

  /** Nothing is missing. */
  get done(): boolean {
    return this.#usage !== null;
  }

  /** Throws the error that ends the events. */
  add(event: GenerationEvent): void {
    switch (event.type) {
      case "start":
        return;
      case "text":
      case "reasoning":
      case "tool-call":
      case "finish":
        extend(this.#drafts[event.choice], event, this.#presentation);
        return;
      case "usage":
        this.#usage = event;
        return;
      case "error":
        throw ArrieroError.from(event.error);
      default:
        event satisfies never;
    }
  }

  /** Throws `replica_failed` where the events just stopped. */
  completion(): ChatCompletion {
    if (this.#usage === null) throw brokenOff();
    return formatChat(this.#drafts, this.#usage, this.#presentation);
  }
}

/** The whole answer. Throws the error that ended the events, or `replica_failed` when they just stop. */
export async function collectChat(
  events: AsyncIterable<GenerationEvent>,
  presentation: ChatPresentation,
): Promise<ChatCompletion> {
  const whole = new WholeChat(presentation);
  for await (const event of events) {
    whole.add(event);
    if (whole.done) break;
  }
  return whole.completion();
}

function newDraft(): Draft {
  return { text: "", reasoning: "", logprobs: [], calls: [], finish: "length" };
}

type ChoiceEvent = GenerationEventOf<"text" | "reasoning" | "tool-call" | "finish">;

function extend(draft: Draft | undefined, event: ChoiceEvent, presentation: ChatPresentation): void {
  if (draft === undefined)
    throw new ArrieroError("internal", `The engine answered choice ${event.choice}, which was not asked for.`);
  switch (event.type) {
    case "text":
      draft.text += event.text;
      if (event.logprobs !== undefined) draft.logprobs.push(...event.logprobs);
      break;
    case "reasoning":
      draft.reasoning += event.text;
      break;
    case "tool-call": {
      draft.calls[event.index] ??= { id: "", name: "", arguments: "" };
      const call = draft.calls[event.index]!;
      call.id = event.id ?? call.id;
      call.name = event.name ?? call.name;
      call.arguments += event.arguments;
      break;
    }
    case "finish":
      draft.finish = formatFinishReason(event.reason, presentation.legacyFunctions);
      break;
    default:
      event satisfies never;
  }
}

function formatChat(drafts: readonly Draft[], usage: GenerationEventOf<"usage">, presentation: ChatPresentation): ChatCompletion {
  return {
    id: presentation.id,
    object: "chat.completion",
    created: presentation.created,
    model: presentation.model,
    system_fingerprint: presentation.fingerprint,
    choices: drafts.map((draft, index) => ({
      index,
      message: formatAnswer(draft, presentation.legacyFunctions),
      logprobs: presentation.logprobs ? formatChatLogprobs(draft.logprobs) : null,
      finish_reason: draft.finish,
    })),
    usage: formatUsage([usage]),
  };
}

function formatAnswer(draft: Draft, legacyFunctions: boolean): ChatAnswer {
  const calls = draft.calls.map(({ id, name, arguments: args }) => ({ id, function: { name, arguments: args } }));
  const [first] = calls;
  return {
    role: "assistant",
    content: draft.text === "" && first !== undefined ? null : draft.text,
    refusal: null,
    ...(draft.reasoning === "" ? {} : { reasoning_content: draft.reasoning }),
    ...(first === undefined || !legacyFunctions ? {} : { function_call: first.function }),
    ...(first === undefined || legacyFunctions
      ? {}
      : { tool_calls: calls.map((call) => ({ id: call.id, type: "function" as const, function: call.function })) }),
  };
}
