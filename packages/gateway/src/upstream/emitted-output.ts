import type { GenerationEventOf } from "@arriero/spec";

export type OutputEvent = GenerationEventOf<"text" | "reasoning" | "tool-call">;

export interface EmittedCall {
  readonly name: string;
  arguments: string;
}

/** What a caller was given of one choice, as far as it can be read without token ids. */
export class EmittedOutput {
  reasoning = "";
  text = "";
  /** By the position of the call. */
  readonly calls = new Map<number, EmittedCall>();

  get isEmpty(): boolean {
    return this.reasoning === "" && this.text === "" && this.calls.size === 0;
  }

  add(event: OutputEvent): void {
    switch (event.type) {
      case "reasoning":
        this.reasoning += event.text;
        return;
      case "text":
        this.text += event.text;
        return;
      case "tool-call": {
        const call = this.calls.get(event.index);
        if (call === undefined) this.calls.set(event.index, { name: event.name ?? "", arguments: event.arguments });
        else call.arguments += event.arguments;
        return;
      }
      default:
        event satisfies never;
    }
  }
}
