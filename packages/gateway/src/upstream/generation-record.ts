import { ArrieroError, type GenerationEvent, type GenerationEventOf, type GenerationRequest } from "@arriero/spec";
import { type BrokenAnswer, prefilled, type Strategy } from "./continuation-strategy.ts";
import { EmittedOutput, type OutputEvent } from "./emitted-output.ts";
import { Overlap } from "./overlap.ts";
import { AnswerSpoilt, isReplicaFault, UpstreamBroken } from "./upstream-broken.ts";

/** What a choice has been given so far. */
interface ChoiceRecord {
  readonly tokens: number[];
  readonly output: EmittedOutput;
  /** Events without tokens seen since the last one with some: an exact attempt says them again. */
  unsettled: number;
  /** How many of those this attempt has yet to repeat. */
  toSkip: number;
  /** What this attempt says again as text; null: nothing. */
  overlap: Overlap | null;
  finished: boolean;
}

/**
 * What the caller of one generation has seen, whichever upstreams it came from. Events of every attempt go through
 * `accept`; what comes out is the event sequence of a generation that never broke: one start, each token or character
 * once, one finish a choice, one usage.
 *
 * With token ids: one token may be worth several events; its id stands on the last of them. So whoever has seen the id
 * has seen all, and events seen without the id are repeated by an attempt that resumes before it. Without token ids the
 * text itself is compared (Overlap). Once one attempt had no ids, the ids are no longer the whole answer, and no later
 * attempt can be exact.
 */
export class GenerationRecord implements BrokenAnswer {
  readonly request: GenerationRequest;
  readonly choices: readonly ChoiceRecord[];
  exact = true;
  untouched = true;
  completionTokens = 0;
  readonly #now: () => number;
  readonly #begunAt: number;
  #firstTokenAt: number | null = null;
  #start: GenerationEventOf<"start"> | null = null;
  #reasoningTokens = 0;
  #attempts = 0;
  #strategy: Strategy = "fresh";
  #givesIds = true;
  /** Emitted before this attempt began. */
  #tokensBefore = 0;

  constructor(request: GenerationRequest, now: () => number) {
    this.request = request;
    this.#now = now;
    this.#begunAt = now();
    this.choices = Array.from({ length: request.n }, () => ({
      tokens: [],
      output: new EmittedOutput(),
      unsettled: 0,
      toSkip: 0,
      overlap: null,
      finished: false,
    }));
  }

  /**
   * Takes up what an earlier process emitted, all of one choice: its start, then its output. Pieces that had token ids may
   * have been joined. Without any output nothing was said.
   */
  recall(said: readonly GenerationEvent[]): void {
    const outputs = said.filter((event) => "tokens" in event);
    if (outputs.length === 0) return;
    this.#givesIds = outputs.some(({ tokens }) => tokens.length > 0);
    for (const event of said) this.accept(event);
  }

  /**
   * The request of the next attempt: the original, or an order to go on.
   * @param givesIds whether the events of this attempt will carry token ids
   */
  nextAttempt(strategy: Strategy, givesIds: boolean): GenerationRequest {
    this.#attempts++;
    this.#strategy = strategy;
    this.#givesIds = givesIds;
    this.#tokensBefore = this.completionTokens;
    for (const choice of this.choices) {
      choice.toSkip = strategy === "exact" ? choice.unsettled : 0;
      choice.overlap = null;
    }
    switch (strategy) {
      case "fresh":
        return this.request;
      case "exact":
        return this.#resumed();
      case "prefill":
        return this.#prefilled();
      case "restart":
        for (const choice of this.choices) choice.overlap = Overlap.everything(choice.output);
        return this.request;
      default:
        return strategy satisfies never;
    }
  }

  /** The event as the caller is to see it; null: it has seen it. Throws UpstreamBroken where the attempt cannot be used. */
  accept(event: GenerationEvent): GenerationEvent | null {
    switch (event.type) {
      case "start":
        return this.#acceptStart(event);
      case "text":
      case "reasoning":
      case "tool-call":
        return this.#acceptOutput(event);
      case "finish":
        return this.#acceptFinish(event);
      case "usage":
        return this.#acceptUsage(event);
      case "error":
        if (isReplicaFault(event.error.code)) throw new UpstreamBroken(ArrieroError.from(event.error));
        return event;
      default:
        return event satisfies never;
    }
  }

  /** The last event, when all choices had finished and only the usage was lost with the upstream; else null. */
  lostUsage(): GenerationEventOf<"usage"> | null {
    return this.choices.every((choice) => choice.finished) ? this.#usage() : null;
  }

  #resumed(): GenerationRequest {
    if (this.completionTokens === 0) return this.request;
    const promptTokens = this.#start?.promptTokenIds;
    return {
      ...this.request,
      resume: {
        tokens: this.choices.map((choice) => [...choice.tokens]),
        promptTokens: promptTokens === undefined ? null : [...promptTokens],
      },
    };
  }

  /** Templates strip blanks from the end of a message, and then the model says them again; so they are left to it. */
  #prefilled(): GenerationRequest {
    const choice = this.choices[0]!;
    const text = choice.output.text.trimEnd();
    choice.overlap = Overlap.blanks(choice.output.text.slice(text.length));
    return prefilled(this.request, text, this.completionTokens);
  }

  #acceptStart(event: GenerationEventOf<"start">): GenerationEvent | null {
    if (this.#start === null) {
      this.#start = event;
      return event;
    }
    // Another template or another file under the same name: its continuation would be of another prompt.
    if (this.#strategy === "exact" && event.promptTokens !== this.#start.promptTokens) {
      throw new ArrieroError(
        "replica_failed",
        `The answer broke off and cannot be continued: the prompt has ${event.promptTokens} tokens now, ${this.#start.promptTokens} before.`,
      );
    }
    if (this.#strategy === "fresh") this.#start = event;
    return null;
  }

  #acceptOutput(said: OutputEvent): GenerationEvent | null {
    const choice = this.#choice(said.choice);
    if (choice.finished) return null;
    const event = choice.overlap === null ? said : choice.overlap.pass(said);
    if (event === null) return null;
    if (this.#givesIds && event.tokens.length === 0) {
      if (choice.toSkip > 0) {
        choice.toSkip--;
        return null;
      }
      choice.unsettled++;
    }
    choice.output.add(event);
    this.#count(choice, event);
    if (event.type === "reasoning") this.#reasoningTokens += this.#weight(event);
    return event;
  }

  #acceptFinish(event: GenerationEventOf<"finish">): GenerationEvent | null {
    const choice = this.#choice(event.choice);
    if (choice.finished) return null;
    choice.overlap?.end();
    this.#count(choice, event);
    choice.finished = true;
    return event;
  }

  #count(choice: ChoiceRecord, event: OutputEvent | GenerationEventOf<"finish">): void {
    if (event.tokens.length > 0 || event.type === "finish") {
      choice.unsettled = 0;
      choice.toSkip = 0;
    }
    for (const token of event.tokens) choice.tokens.push(token);
    this.completionTokens += this.#weight(event);
    if (this.#strategy !== "fresh" && this.#strategy !== "exact") this.exact = false;
    this.exact &&= this.#givesIds;
    this.untouched = false;
    this.#firstTokenAt ??= this.#now();
  }

  #weight(event: OutputEvent | GenerationEventOf<"finish">): number {
    if (this.#givesIds || event.type === "finish") return event.tokens.length;
    return event.type === "tool-call" ? 1 : (event.pieces ?? 1);
  }

  #choice(index: number): ChoiceRecord {
    const choice = this.choices[index];
    if (choice !== undefined) return choice;
    throw new UpstreamBroken(new ArrieroError("replica_failed", `The replica sent choice ${index} of ${this.choices.length}.`));
  }

  /** The attempt's own account, where it saw the whole answer; timed as the caller saw it. */
  #acceptUsage(event: GenerationEventOf<"usage">): GenerationEventOf<"usage"> {
    if (!this.choices.every((choice) => choice.finished)) {
      throw new UpstreamBroken(
        new ArrieroError("replica_failed", "The replica ended the answer before all its choices were finished."),
      );
    }
    if (this.#givesIds && this.#strategy === "fresh" && event.completionTokens !== this.completionTokens) {
      const message = `The replica counts ${event.completionTokens} tokens, but sent ${this.completionTokens}.`;
      throw new AnswerSpoilt("replica_failed", message);
    }
    switch (this.#strategy) {
      case "fresh":
        return this.#attempts === 1 ? event : { ...event, timings: this.#timings() };
      case "restart":
        return { ...event, timings: this.#timings() };
      case "exact":
        return this.#usage();
      case "prefill": {
        // What was emitted before is part of this attempt's prompt.
        const before = this.#tokensBefore;
        const usage = this.#usage();
        return {
          ...usage,
          promptTokens: usage.promptTokens > 0 ? usage.promptTokens : Math.max(0, event.promptTokens - before),
          completionTokens: before + event.completionTokens,
        };
      }
      default:
        return this.#strategy satisfies never;
    }
  }

  /** Counted from what the caller was given, and timed as it saw it: no single upstream knows either. */
  #usage(): GenerationEventOf<"usage"> {
    return {
      type: "usage",
      promptTokens: this.#start?.promptTokens ?? 0,
      cachedTokens: this.#start?.cachedTokens ?? 0,
      completionTokens: this.completionTokens,
      reasoningTokens: this.#reasoningTokens,
      timings: this.#timings(),
    };
  }

  #timings(): GenerationEventOf<"usage">["timings"] {
    const now = this.#now();
    const firstTokenAt = this.#firstTokenAt ?? now;
    const ttftMs = firstTokenAt - this.#begunAt;
    return { queueMs: 0, prefillMs: ttftMs, decodeMs: now - firstTokenAt, ttftMs };
  }
}
