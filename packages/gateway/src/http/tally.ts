import { ArrieroError, type GenerationEvent } from "@arriero/spec";

/** What one request cost, for its log line and the metrics. Counts also what was made for a caller who then left. */
export class Tally {
  /** As resolved; null until the body was understood. */
  model: string | null = null;
  promptTokens = 0;
  cachedTokens = 0;
  completionTokens = 0;
  /** Replicas lost and replaced on the way. */
  continuations = 0;
  /** The backend asked last, of those the configuration names; null: replicas of this server. */
  backend: string | null = null;
  attempts = 0;
  /** Milliseconds since the epoch. */
  firstTokenAt: number | null = null;

  /** What ended a generation before its time, be the answer begun or not. */
  error: ArrieroError | null = null;

  attempt(backend: string): void {
    this.backend = backend;
    this.attempts++;
  }

  count(event: GenerationEvent, now: number): void {
    switch (event.type) {
      case "start":
        this.promptTokens += event.promptTokens;
        this.cachedTokens += event.cachedTokens;
        return;
      case "text":
      case "reasoning":
      case "tool-call":
      case "finish":
        this.firstTokenAt ??= now;
        this.completionTokens += event.tokens.length;
        return;
      case "usage":
        return;
      case "error":
        this.error = ArrieroError.from(event.error);
        return;
      default:
        event satisfies never;
    }
  }
}
