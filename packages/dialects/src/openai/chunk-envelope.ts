import type { GenerationEventOf } from "@arriero/spec";
import type { Presentation } from "./context.ts";
import { DONE_FRAME } from "./sse.ts";
import { formatUsage } from "./usage.ts";

/**
 * What stands around the choice in each chunk of a stream. All of it is the same throughout an answer, so it is
 * serialised once.
 */
export class ChunkEnvelope {
  readonly #includeUsage: boolean;
  /** The chunk up to its choices. */
  readonly #head: string;
  /** The chunk from its choice's end on. */
  readonly #tail: string;

  constructor(object: string, { created, fingerprint, id, includeUsage, model }: Presentation) {
    const constant = JSON.stringify({ id, object, created, model, system_fingerprint: fingerprint });
    this.#includeUsage = includeUsage;
    this.#head = `data: ${constant.slice(0, -1)},"choices":[`;
    this.#tail = includeUsage ? `}],"usage":null}\n\n` : "}]}\n\n";
  }

  /** @param said the choice's own field with what it says now, as JSON: `"delta":{}` */
  chunk(choice: number, said: string, logprobs = "null", finishReason = "null"): string {
    return `${this.#head}{"index":${choice},${said},"logprobs":${logprobs},"finish_reason":${finishReason}${this.#tail}`;
  }

  /** The frames that end a whole answer. */
  end(usages: readonly GenerationEventOf<"usage">[]): string {
    if (!this.#includeUsage) return DONE_FRAME;
    return `${this.#head}],"usage":${JSON.stringify(formatUsage(usages))}}\n\n${DONE_FRAME}`;
  }
}
