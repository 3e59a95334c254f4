import { ArrieroError, type GenerationEventOf } from "@arriero/spec";

/** A call as Ollama writes it: whole, its arguments an object. */
export interface OllamaToolCall {
  readonly id: string;
  readonly function: {
    readonly index: number;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  };
}

interface Draft {
  readonly index: number;
  id: string;
  name: string;
  arguments: string;
}

/** Holds the pieces of calls until each is whole; its size is bounded by the tokens asked for. */
export class ToolCalls {
  #draft: Draft | null = null;

  /** The call that ended because this piece belongs to the next one, if any. */
  add(event: GenerationEventOf<"tool-call">): OllamaToolCall | null {
    const ended = this.#draft !== null && this.#draft.index !== event.index ? this.#close(this.#draft) : null;
    this.#draft ??= { index: event.index, id: "", name: "", arguments: "" };
    this.#draft.id = event.id ?? this.#draft.id;
    this.#draft.name = event.name ?? this.#draft.name;
    this.#draft.arguments += event.arguments;
    return ended;
  }

  /** The last call. One that was cut short is left out: half its arguments are worse than none. */
  end(cut: boolean): OllamaToolCall | null {
    const draft = this.#draft;
    if (draft === null) return null;
    this.#draft = null;
    return cut && parseArguments(draft.arguments) === null ? null : format(draft);
  }

  #close(draft: Draft): OllamaToolCall {
    this.#draft = null;
    return format(draft);
  }
}

function format({ arguments: text, id, index, name }: Draft): OllamaToolCall {
  const parsed = parseArguments(text);
  if (parsed !== null) return { id, function: { index, name, arguments: parsed } };
  throw new ArrieroError("replica_failed", `The model called ${name} with arguments that are no JSON object.`);
}

function parseArguments(text: string): Record<string, unknown> | null {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
