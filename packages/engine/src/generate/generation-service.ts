import type { ErrorBody, GenerationEvent, GenerationRequest, TokenLogprob } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { EngineMetrics } from "../metrics/engine-metrics.ts";
import type { BuiltPrompt, PromptBuilder } from "../prompt/prompt-builder.ts";
import type { Tokenizer } from "../prompt/tokenizer.ts";
import type { SequenceJob } from "../step/sequence.ts";
import type { StepEvent } from "../step/step-event.ts";
import { ChoiceOutput } from "./choice-output.ts";
import { EventQueue } from "./event-queue.ts";
import { MarkedPrompts } from "./marked-prompts.ts";

/** What the service needs of the worker. */
export interface StepWorker {
  submit(jobs: readonly SequenceJob[]): void;
  cancel(keys: readonly number[]): void;
}

export interface ServiceLimits {
  /** Tokens a sequence may have, prompt and output together. */
  readonly contextTokens: number;
  readonly queueLimit: number;
  readonly maxRunning: number;
  readonly adapters: ReadonlySet<string>;
  readonly modelName: string;
}

interface Choice {
  readonly key: number;
  readonly output: ChoiceOutput;
  done: boolean;
}

/** One request on its way: its choices, its reader and its clock. */
interface Generation {
  readonly request: GenerationRequest;
  readonly prompt: BuiltPrompt;
  readonly choices: readonly Choice[];
  readonly events: EventQueue<GenerationEvent>;
  readonly arrived: number;
  started: number | null;
  firstToken: number | null;
  lastToken: number | null;
  cachedTokens: number;
  left: number;
}

/**
 * The replica's main-thread half: builds prompts, hands choices to the worker, and turns its tokens into events. A
 * slow reader holds nothing up: events wait in the generation's own queue, bounded by its tokens.
 */
export class GenerationService {
  readonly #worker: StepWorker;
  readonly #prompts: PromptBuilder;
  readonly #tokenizer: Tokenizer;
  readonly #limits: ServiceLimits;
  readonly #metrics: EngineMetrics;
  readonly #clock: () => number;
  /** What the gateway may ask about later. */
  readonly marked = new MarkedPrompts();
  readonly #byKey = new Map<number, { generation: Generation; choice: Choice }>();
  readonly #generations = new Set<Generation>();
  #nextKey = 0;
  #draining = false;
  #failure: ErrorBody | null = null;

  constructor(
    worker: StepWorker,
    prompts: PromptBuilder,
    tokenizer: Tokenizer,
    limits: ServiceLimits,
    metrics: EngineMetrics,
    clock: () => number,
  ) {
    this.#worker = worker;
    this.#prompts = prompts;
    this.#tokenizer = tokenizer;
    this.#limits = limits;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  get active(): number {
    return this.#generations.size;
  }

  /**
   * Starts a generation. Closing the iterator cancels it at the next step.
   *
   * @throws ArrieroError before the first event where the request cannot be served
   */
  generate(request: GenerationRequest): AsyncIterableIterator<GenerationEvent> {
    this.#assertServing(request);
    const prompt = this.#prompts.build(request);
    const room = this.#limits.contextTokens - prompt.tokens.length;
    if (room < 1) {
      const message = `the prompt has ${prompt.tokens.length} tokens and the context holds ${this.#limits.contextTokens}`;
      throw new ArrieroError("context_length_exceeded", message);
    }
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const generation = this.#open(request, prompt);
    this.marked.add({ adapter: request.adapter ?? "", tokens: prompt.tokens, marks: request.prefixMarks ?? [] });
    const jobs: SequenceJob[] = [];
    for (const [index, choice] of generation.choices.entries()) {
      const replay = Int32Array.from(request.resume?.tokens[index] ?? []);
      for (const token of replay) if (!choice.output.stopped) choice.output.feed(token);
      if (choice.output.stopped) this.#finish(generation, choice, "stop");
      else if (replay.length >= maxTokens) this.#finish(generation, choice, "length");
      else jobs.push(this.#job(request, prompt, choice.key, index, replay, maxTokens));
    }
    if (jobs.length > 0) this.#worker.submit(jobs);
    else this.#announce(generation, 0);
    if (generation.left === 0) this.#close(generation);
    return generation.events;
  }

  /** No new request is taken; those that run go on. */
  drain(): void {
    this.#draining = true;
  }

  /** The worker is gone: everything that runs ends with this error, and so does everything that comes. */
  fail(error: ErrorBody): void {
    this.#failure = error;
    for (const generation of [...this.#generations]) this.#abort(generation, error);
  }

  /** Ends what still runs, for a drain whose time is over. */
  abortAll(error: ErrorBody): void {
    for (const generation of [...this.#generations]) {
      this.#cancel(generation);
      this.#abort(generation, error);
    }
  }

  /** What the worker's last step did. */
  onStep(events: readonly StepEvent[]): void {
    for (const event of events) {
      const found = this.#byKey.get(event.key);
      if (found === undefined) continue;
      const { generation, choice } = found;
      switch (event.kind) {
        case "start":
          this.#announce(generation, event.cachedTokens);
          break;
        case "token":
          this.#token(generation, choice, event);
          break;
        case "end":
          this.#finish(generation, choice, event.reason);
          break;
        case "failed":
          this.#cancel(generation);
          this.#abort(generation, event.error);
          break;
        default:
          event satisfies never;
      }
    }
  }

  #assertServing(request: GenerationRequest): void {
    if (this.#failure !== null) throw ArrieroError.from(this.#failure);
    if (this.#draining) throw new ArrieroError("draining", "this replica is draining and takes no new requests");
    if (request.model !== this.#limits.modelName)
      throw new ArrieroError("model_not_found", `this replica serves ${this.#limits.modelName}, not ${request.model}`);
    if (request.adapter !== null && !this.#limits.adapters.has(request.adapter))
      throw new ArrieroError("adapter_not_found", `${request.model} has no adapter named ${request.adapter}`);
    if (this.#byKey.size + request.n > this.#limits.queueLimit + this.#limits.maxRunning) {
      const message = `${this.#byKey.size} sequences run or wait and ${this.#limits.queueLimit} may wait`;
      throw new ArrieroError("queue_full", message, { retryAfter: 1 });
    }
  }

  #open(request: GenerationRequest, prompt: BuiltPrompt): Generation {
    const choices = Array.from(
      { length: request.n },
      (_, index): Choice => ({
        key: this.#nextKey++,
        output: new ChoiceOutput(index, prompt.piece, prompt.createReader(index)),
        done: false,
      }),
    );
    const generation: Generation = {
      request,
      prompt,
      choices,
      events: new EventQueue<GenerationEvent>(() => {
        this.#cancel(generation);
        this.#forget(generation);
        this.#metrics.finished("cancelled");
      }),
      arrived: this.#clock(),
      started: null,
      firstToken: null,
      lastToken: null,
      cachedTokens: 0,
      left: choices.length,
    };
    for (const choice of choices) this.#byKey.set(choice.key, { generation, choice });
    this.#generations.add(generation);
    return generation;
  }

  #job(
    request: GenerationRequest,
    prompt: BuiltPrompt,
    key: number,
    index: number,
    replay: Int32Array,
    maxTokens: number,
  ): SequenceJob {
    return {
      key,
      adapter: request.adapter ?? "",
      prompt: prompt.tokens,
      replay,
      sampling: request.sampling,
      seed: (request.sampling.seed + index) >>> 0,
      grammar: prompt.grammar,
      maxTokens,
      logprobs: request.logprobs,
      ignoreEos: request.ignoreEos,
      priority: request.priority,
      client: request.client,
    };
  }

  #announce(generation: Generation, cachedTokens: number): void {
    if (generation.started !== null) return;
    generation.started = this.#clock();
    generation.cachedTokens = cachedTokens;
    const { request, prompt } = generation;
    this.#metrics.started(generation.started - generation.arrived);
    generation.events.push({
      type: "start",
      id: request.id,
      model: request.model,
      promptTokens: prompt.tokens.length,
      cachedTokens,
      ...(request.wantPromptTokens ? { promptTokenIds: Array.from(prompt.tokens) } : {}),
    });
  }

  #token(generation: Generation, choice: Choice, event: Extract<StepEvent, { kind: "token" }>): void {
    const now = this.#clock();
    if (generation.firstToken === null) {
      generation.firstToken = now;
      this.#metrics.firstToken(now - generation.arrived);
    } else if (generation.choices.length === 1) this.#metrics.interToken(now - (generation.lastToken ?? now));
    generation.lastToken = now;
    for (const emitted of choice.output.feed(event.token, this.#logprob(event))) generation.events.push(emitted);
    if (!choice.output.stopped) return;
    this.#worker.cancel([choice.key]);
    this.#finish(generation, choice, "stop");
  }

  #logprob(event: Extract<StepEvent, { kind: "token" }>): TokenLogprob | undefined {
    if (event.logprob === undefined) return undefined;
    const spell = (token: number) => {
      const bytes = this.#tokenizer.piece(token);
      return {
        token,
        text: bytes.length === 0 ? this.#tokenizer.spell(token) : Buffer.from(bytes).toString("utf8"),
        bytes: Array.from(bytes),
      };
    };
    return {
      ...spell(event.token),
      logprob: event.logprob,
      top: (event.top ?? []).map((scored) => ({ ...spell(scored.token), logprob: scored.logprob })),
    };
  }

  #finish(generation: Generation, choice: Choice, reason: "stop" | "length"): void {
    if (choice.done) return;
    choice.done = true;
    this.#byKey.delete(choice.key);
    if (generation.started === null) this.#announce(generation, generation.prompt.tokens.length);
    for (const event of choice.output.finish(reason)) generation.events.push(event);
    generation.left--;
    if (generation.left === 0) this.#close(generation);
  }

  #close(generation: Generation): void {
    if (!this.#generations.has(generation)) return;
    const now = this.#clock();
    const started = generation.started ?? now;
    const first = generation.firstToken ?? now;
    const completionTokens = sum(generation.choices, (choice) => choice.output.ids.length);
    generation.events.push({
      type: "usage",
      promptTokens: generation.prompt.tokens.length,
      cachedTokens: generation.cachedTokens,
      completionTokens,
      reasoningTokens: sum(generation.choices, (choice) => choice.output.reasoningTokens),
      timings: {
        queueMs: started - generation.arrived,
        prefillMs: first - started,
        decodeMs: now - first,
        ttftMs: first - generation.arrived,
      },
    });
    generation.events.end();
    for (const { output } of generation.choices) generation.prompt.remember(output.raw, output.ids);
    this.#metrics.finished("done");
    this.#forget(generation);
  }

  #abort(generation: Generation, error: ErrorBody): void {
    generation.events.push({ type: "error", error });
    generation.events.end();
    this.#metrics.finished("failed");
    this.#forget(generation);
  }

  #cancel(generation: Generation): void {
    const keys = generation.choices.filter((choice) => !choice.done).map((choice) => choice.key);
    if (keys.length > 0) this.#worker.cancel(keys);
  }

  #forget(generation: Generation): void {
    this.#generations.delete(generation);
    for (const choice of generation.choices) this.#byKey.delete(choice.key);
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
