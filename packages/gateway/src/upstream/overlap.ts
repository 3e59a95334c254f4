import { ArrieroError } from "@arriero/spec";
import type { EmittedOutput, OutputEvent } from "./emitted-output.ts";
import { ContinuationMismatch } from "./upstream-broken.ts";

/**
 * What an attempt will say again before it says anything new. Every piece is compared with what the caller has and
 * dropped; only what lies beyond comes out. Where the two differ ContinuationMismatch is thrown, and nothing of the
 * attempt has reached the caller.
 */
export class Overlap {
  #reasoning: string;
  #text: string;
  readonly #calls: Map<number, { readonly name: string; arguments: string; seen: boolean }>;
  /** The answer may also end before all of it was said again. */
  readonly #mayEndEarly: boolean;

  private constructor(emitted: Pick<EmittedOutput, "reasoning" | "text" | "calls">, mayEndEarly: boolean) {
    this.#reasoning = emitted.reasoning;
    this.#text = emitted.text;
    this.#calls = new Map([...emitted.calls].map(([index, call]) => [index, { ...call, seen: false }]));
    this.#mayEndEarly = mayEndEarly;
  }

  /** An attempt that begins from the start says everything again. */
  static everything(emitted: EmittedOutput): Overlap {
    return new Overlap(emitted, false);
  }

  /** An attempt that was given all but the blanks at the end of the text may say those again, or end. */
  static blanks(blanks: string): Overlap {
    return new Overlap({ reasoning: "", text: blanks, calls: new Map() }, true);
  }

  /** What of this event is new; null: nothing. */
  pass(event: OutputEvent): OutputEvent | null {
    switch (event.type) {
      case "reasoning": {
        const text = beyond(event.text, this.#reasoning);
        this.#reasoning = this.#reasoning.slice(event.text.length);
        return this.#fresh(text === "" ? null : { ...event, text });
      }
      case "text": {
        const text = beyond(event.text, this.#text);
        this.#text = this.#text.slice(event.text.length);
        return this.#fresh(text === "" ? null : { ...event, text });
      }
      case "tool-call": {
        const call = this.#calls.get(event.index);
        if (call === undefined) return this.#fresh(event);
        if (event.name !== undefined && event.name !== call.name) throw mismatch();
        const rest = beyond(event.arguments, call.arguments);
        call.arguments = call.arguments.slice(event.arguments.length);
        call.seen = true;
        const { choice, index, tokens, type } = event;
        return this.#fresh(rest === "" ? null : { type, choice, tokens, index, arguments: rest });
      }
      default:
        return event satisfies never;
    }
  }

  /** @throws ContinuationMismatch where the answer ends before what the caller has of it */
  end(): void {
    if (!this.#mayEndEarly && !this.#done()) throw mismatch();
  }

  #done(): boolean {
    return (
      this.#reasoning === "" && this.#text === "" && [...this.#calls.values()].every((call) => call.seen && call.arguments === "")
    );
  }

  /** Something new may only come once everything old has: otherwise the caller has what this answer lacks. */
  #fresh(event: OutputEvent | null): OutputEvent | null {
    if (event !== null && !this.#done()) throw mismatch();
    return event;
  }
}

function beyond(said: string, expected: string): string {
  const common = Math.min(said.length, expected.length);
  if (said.slice(0, common) !== expected.slice(0, common)) throw mismatch();
  return said.slice(common);
}

function mismatch(): ContinuationMismatch {
  const message = "The answer broke off and cannot be continued: generated again, it differs from what was already sent.";
  return new ContinuationMismatch(new ArrieroError("replica_failed", message));
}
