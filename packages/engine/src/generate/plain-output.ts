import type { OutputPiece } from "../chat/output-parser.ts";
import { StopMatcher } from "../text/stop-matcher.ts";
import type { OutputReader } from "./output-reader.ts";

/** Output of a completion: text and stop sequences, no roles, no calls. */
export class PlainOutput implements OutputReader {
  readonly #stops: StopMatcher;
  stopped: string | null = null;

  constructor(stops: readonly string[]) {
    this.#stops = new StopMatcher(stops);
  }

  feed(text: string): OutputPiece[] {
    return this.#release(this.#stops.feed(text));
  }

  finish(): OutputPiece[] {
    return this.#release(this.#stops.finish());
  }

  #release(step: { readonly release: string; readonly matched: string | null }): OutputPiece[] {
    this.stopped ??= step.matched;
    return step.release === "" ? [] : [{ type: "text", text: step.release }];
  }
}
