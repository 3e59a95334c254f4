import { ArrieroError, type GenerationEvent, type GenerationEventOf, type GenerationRequest } from "@arriero/spec";
import { isReplicaFault, ReplicaBroken } from "./replica-broken.ts";

/** What a choice has been given so far. */
interface ChoiceRecord {
  readonly tokens: number[];
  /** Events without tokens seen since the last one with some: the next attempt says them again. */
  unsettled: number;
  /** How many of those this attempt has yet to repeat. */
  toSkip: number;
  finished: boolean;
}

/**
 * What the caller of one generation has seen, whichever replicas it came from. Events of every attempt go through
 * `accept`; what comes out is the event sequence of a generation that never broke: one start, each token once, one
 * finish a choice, one usage.
 *
 * One token may be worth several events; its id stands on the last of them. So whoever has seen the id has seen all, and
 * events seen without the id are repeated by an attempt that resumes before it.
 */
export class GenerationRecord {
  readonly #request: GenerationRequest;
  readonly #now: () => number;
  readonly #choices: ChoiceRecord[];
  readonly #begunAt: number;
  #firstTokenAt: number | null = null;
  #start: GenerationEventOf<"start"> | null = null;
  #completionTokens = 0;
  #reasoningTokens = 0;
  #attempts = 0;

  constructor(request: GenerationRequest, now: () => number) {
    this.#request = request;
    this.#now = now;
    this.#begunAt = now();
    this.#choices = Array.from({ length: request.n }, () => ({ tokens: [], unsettled: 0, toSkip: 0, finished: false }));
  }

  /** Tokens the caller was given, all choices together. */
  get completionTokens(): number {
    return this.#completionTokens;
  }

  /** The request of the next attempt: the original, and after tokens were emitted the order to go on behind them. */
  nextAttempt(): GenerationRequest {
    this.#attempts++;
    for (const choice of this.#choices) choice.toSkip = choice.unsettled;
    if (this.#completionTokens === 0) return this.#request;
    const promptTokens = this.#start?.promptTokenIds;
    return {
      ...this.#request,
      resume: {
        tokens: this.#choices.map((choice) => [...choice.tokens]),
        promptTokens: promptTokens === undefined ? null : [...promptTokens],
      },
    };
  }

  /** The event as the caller is to see it; null: it has seen it. Throws ReplicaBroken where the attempt cannot be used. */
  accept(event: GenerationEvent): GenerationEvent | null {
    switch (event.type) {
      case "start":
        return this.#acceptStart(event);
      case "text":
      case "reasoning":
      case "tool-call":
        return this.#acceptTokens(event);
      case "finish": {
        const accepted = this.#acceptTokens(event);
        this.#choice(event.choice).finished = true;
        return accepted;
      }
      case "usage":
        return this.#attempts === 1 ? event : this.#usage();
      case "error":
        if (isReplicaFault(event.error.code)) throw new ReplicaBroken(ArrieroError.from(event.error));
        return event;
      default:
        return event satisfies never;
    }
  }

  /** The last event, when all choices had finished and only the usage was lost with the replica; else null. */
  lostUsage(): GenerationEventOf<"usage"> | null {
    return this.#choices.every((choice) => choice.finished) ? this.#usage() : null;
  }

  #acceptStart(event: GenerationEventOf<"start">): GenerationEvent | null {
    if (this.#start === null) {
      this.#start = event;
      return event;
    }
    // Another template or another file under the same name: its continuation would be of another prompt.
    if (event.promptTokens !== this.#start.promptTokens) {
      throw new ArrieroError(
        "replica_failed",
        `The answer broke off and cannot be continued: the prompt has ${event.promptTokens} tokens now, ${this.#start.promptTokens} before.`,
      );
    }
    return null;
  }

  #acceptTokens(event: GenerationEventOf<"text" | "reasoning" | "tool-call" | "finish">): GenerationEvent | null {
    const choice = this.#choice(event.choice);
    if (choice.finished) return null;
    if (event.tokens.length === 0 && event.type !== "finish") {
      if (choice.toSkip > 0) {
        choice.toSkip--;
        return null;
      }
      choice.unsettled++;
    } else {
      choice.unsettled = 0;
      choice.toSkip = 0;
    }
    for (const token of event.tokens) choice.tokens.push(token);
    this.#completionTokens += event.tokens.length;
    if (event.type === "reasoning") this.#reasoningTokens += event.tokens.length;
    this.#firstTokenAt ??= this.#now();
    return event;
  }

  #choice(index: number): ChoiceRecord {
    const choice = this.#choices[index];
    if (choice !== undefined) return choice;
    throw new ReplicaBroken(new ArrieroError("replica_failed", `The replica sent choice ${index} of ${this.#choices.length}.`));
  }

  /** Counted from what the caller was given, and timed as it saw it: no single replica knows either. */
  #usage(): GenerationEventOf<"usage"> {
    const now = this.#now();
    const firstTokenAt = this.#firstTokenAt ?? now;
    const ttftMs = firstTokenAt - this.#begunAt;
    return {
      type: "usage",
      promptTokens: this.#start?.promptTokens ?? 0,
      cachedTokens: this.#start?.cachedTokens ?? 0,
      completionTokens: this.#completionTokens,
      reasoningTokens: this.#reasoningTokens,
      timings: { queueMs: 0, prefillMs: ttftMs, decodeMs: now - firstTokenAt, ttftMs },
    };
  }
}
