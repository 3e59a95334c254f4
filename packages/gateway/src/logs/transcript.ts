import type { GenerationEvent, GenerationRequest } from "@arriero/spec";

/** Characters kept of a request's prompts, and as many of its answers. */
const MOST_CHARS = 65_536;

/** What was asked and answered, word for word, for a log that is to have it. What is longer is cut. */
export class Transcript {
  readonly prompts: unknown[] = [];
  readonly #answers: string[] = [];
  #promptChars = 0;
  #answerChars = 0;

  asked({ adapter, input }: Pick<GenerationRequest, "adapter" | "input">): void {
    const text = JSON.stringify(input.kind === "chat" ? input.messages : input.kind === "text" ? input.text : input.tokens);
    const room = MOST_CHARS - this.#promptChars;
    this.#promptChars += text.length;
    if (room <= 0) return;
    this.prompts.push(text.length <= room ? { ...input, adapter } : { cut: text.slice(0, room) });
  }

  said(event: GenerationEvent): void {
    const text = textOf(event);
    if (text === "" || !("choice" in event)) return;
    const kept = text.slice(0, Math.max(MOST_CHARS - this.#answerChars, 0));
    this.#answerChars += kept.length;
    this.#answers[event.choice] = (this.#answers[event.choice] ?? "") + kept;
  }

  /** One a choice, with reasoning and calls of tools as they came. */
  get answers(): string[] {
    return Array.from(this.#answers, (answer) => answer ?? "");
  }
}

function textOf(event: GenerationEvent): string {
  switch (event.type) {
    case "text":
    case "reasoning":
      return event.text;
    case "tool-call":
      return event.name === undefined ? event.arguments : `\n${event.name} ${event.arguments}`;
    case "start":
    case "finish":
    case "usage":
    case "error":
      return "";
    default:
      return event satisfies never;
  }
}
