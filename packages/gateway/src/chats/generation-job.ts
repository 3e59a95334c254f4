import type { Clock } from "@arriero/fleet";
import { ArrieroError, type AskedGeneration, type GenerationEvent, type GenerationRequest, type page } from "@arriero/spec";
import { type AnswerEnd, type HeldGeneration, joined, type LogEntry, type PeopleStore, writtenBy } from "@arriero/store";
import { principalFor } from "../accounts/person.ts";
import { Tally } from "../http/tally.ts";
import type { Inference } from "../inference.ts";
import { type ModelCatalogue, type ResolvedModel, resolveModel } from "../models/known-models.ts";
import { settleRequest } from "../models/settle-request.ts";
import type { OrganisationPolicies } from "../routing/caller-residency.ts";
import { combineResidency } from "../routing/residency.ts";
import type { Accounting } from "../usage/accounting.ts";
import { GenerationWriter } from "./generation-writer.ts";
import { addPiece, saidEvents } from "./pieces.ts";
import { cutFurther, inheritedCut, promptOf } from "./prompt.ts";

export interface JobServices {
  readonly inference: Pick<Inference, "generate">;
  readonly models: ModelCatalogue;
  readonly accounting: Accounting | null;
  /** Of the configuration, beside what each organisation has in the store. */
  readonly organisations: Pick<OrganisationPolicies, "get">;
  readonly clock: Clock;
  ask<T>(question: (pages: PeopleStore) => Promise<T>): Promise<T>;
}

export interface JobOptions {
  readonly held: HeldGeneration;
  readonly holder: string;
  /** A person wants more of an answer that had ended: as much again as they asked for. */
  readonly more: boolean;
  onWritten(firstSeq: number, entries: readonly LogEntry[]): void;
}

/** Why a job ends before its answer does. */
type Order = "stop" | "lost" | "release";

/** The last word is tried to be written for so long. */
const MOST_TRIES = 60;
const RETRY_MS = 1_000;
/** A prompt that is too long is halved so often at most. */
const MOST_CUTS = 12;

/** One generation, from its question to its last word in the store. It has no watcher and needs none. */
export class GenerationJob {
  readonly #services: JobServices;
  readonly #options: JobOptions;
  readonly #abort = new AbortController();
  readonly #writer: GenerationWriter;
  readonly #tally = new Tally();
  #order: Order | null = null;
  #pieces: Parameters<typeof joined>[0] = [];
  #begin: Extract<LogEntry, { kind: "begin" }> | null = null;
  #finishReason: page.Message["finishReason"] = null;
  #usage: Extract<GenerationEvent, { type: "usage" }> | null = null;

  constructor(services: JobServices, options: JobOptions) {
    this.#services = services;
    this.#options = options;
    const { held, holder, onWritten } = options;
    this.#writer = new GenerationWriter({
      id: held.id,
      holder,
      lastSeq: held.lastSeq,
      clock: services.clock,
      append: (...entries) => services.ask(({ generations }) => generations.append(...entries)),
      onWritten,
      onOrder: (order) => this.order(order),
    });
  }

  /** The first one counts. */
  order(order: Order): void {
    this.#order ??= order;
    this.#abort.abort(new ArrieroError("cancelled", "The generation was ended."));
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { held, holder } = this.#options;
    let error: ArrieroError | null = null;
    try {
      await this.#generate();
    } catch (thrown) {
      error = ArrieroError.wrap(thrown);
    }
    try {
      await this.#writer.flush();
      if (this.#order === "lost") return;
      if (this.#order === "release") return await this.#services.ask(({ generations }) => generations.release(held.id, holder));
      await this.#end(
        this.#order === "stop" ? "stopped" : error === null ? "complete" : "failed",
        this.#order === null ? error : null,
      );
    } catch {
      // The store stays away: the generation is found silent, and continued from what is in its log.
    }
  }

  async #generate(): Promise<void> {
    const { clock, inference, models } = this.#services;
    const { held, more } = this.#options;
    const [{ system, turns }, rules, log] = await this.#services.ask(({ generations, messages, organisations }) =>
      Promise.all([
        messages.turnsAbove(held.messageId),
        organisations.rules(held.owner.organisationId),
        held.attempt === 1 ? [] : generations.log(held.id, 0),
      ]),
    );
    if (rules === null) throw new ArrieroError("forbidden", "The organisation is gone.");
    const files = await this.#services.ask(({ attachments }) =>
      attachments.textsOf(turns.filter(({ attachments: beside }) => beside.length > 0).map(({ id }) => id)),
    );
    const written = writtenBy(log);
    this.#begin = written.begin;
    this.#pieces = written.pieces;
    const said = saidEvents(held.id, written);
    const principal = principalFor(held.owner, rules);
    const asked = {
      model: written.begin?.model ?? held.asked.model ?? "",
      adapter: written.begin?.adapter ?? held.asked.adapter,
    };
    const resolved = await resolveModel(models, asked, principal.scopes);
    const startedAt = clock.now();
    this.#tally.residency = combineResidency([
      rules.residency,
      ...[this.#services.organisations.get(principal.organisation)].flatMap((policy) => policy ?? []),
    ]);
    this.#tally.model = resolved.model;
    this.#tally.adapter = resolved.adapter;
    const id = `${held.id}-${held.attempt}`;
    const account = (await this.#services.accounting?.open({ id, principal, tally: this.#tally, startedAt })) ?? null;
    await account?.begin(resolved.model, resolved.adapter, this.#abort.signal);
    let failure: ArrieroError | null = null;
    try {
      let dropped = written.begin === null ? inheritedCut(turns) : written.begin.dropped;
      for (let cuts = 0; ; cuts++) {
        const parts = { system, turns, files, dropped };
        const request = settle(held, resolved, promptOf(parts), written.begin?.seed ?? null, more ? saidTokens(said) : 0);
        try {
          const events = inference.generate(
            { ...request, id, client: held.owner.personId },
            this.#abort.signal,
            this.#tally,
            said,
          );
          await this.#take(events, resolved, request.sampling.seed, dropped);
          return;
        } catch (thrown) {
          const further = this.#begin === null && isTooLong(thrown) && cuts < MOST_CUTS ? cutFurther(turns, dropped) : null;
          if (further === null) throw thrown;
          dropped = further;
        }
      }
    } catch (thrown) {
      failure = ArrieroError.wrap(thrown);
      throw failure;
    } finally {
      account?.end(failure, clock.now());
    }
  }

  async #take(
    events: AsyncIterable<GenerationEvent>,
    { adapter, model }: ResolvedModel,
    seed: number,
    dropped: page.Dropped | null,
  ): Promise<void> {
    for await (const event of events) {
      switch (event.type) {
        case "start": {
          const { cachedTokens, promptTokenIds = null, promptTokens } = event;
          this.#begin = { kind: "begin", model, adapter, seed, promptTokens, cachedTokens, promptTokenIds, dropped };
          await this.#writer.begin(this.#begin);
          break;
        }
        case "text":
        case "reasoning":
        case "tool-call":
          this.#pieces = addPiece(this.#pieces, event);
          await this.#writer.add(event);
          break;
        case "finish":
          this.#finishReason = event.reason;
          break;
        case "usage":
          this.#usage = event;
          break;
        case "error":
          throw ArrieroError.from(event.error);
        default:
          event satisfies never;
      }
    }
  }

  async #end(state: AnswerEnd["state"], error: ArrieroError | null): Promise<void> {
    const { clock } = this.#services;
    const { held, holder, onWritten } = this.#options;
    const end: AnswerEnd = {
      state,
      ...joined(this.#pieces),
      model: this.#begin?.model ?? this.#tally.model ?? held.asked.model,
      adapter: this.#begin?.adapter ?? this.#tally.adapter,
      finishReason: state === "complete" ? this.#finishReason : null,
      usage: this.#shownUsage(),
      dropped: this.#begin?.dropped ?? null,
      error: error === null ? null : { code: error.code, message: error.message, hint: error.body.hint },
    };
    for (let tries = 1; ; tries++) {
      try {
        await this.#services.ask(({ generations }) => generations.end(held.id, holder, end));
        return onWritten(-1, [{ kind: "end" }]);
      } catch (thrown) {
        if (tries >= MOST_TRIES) throw thrown;
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      }
    }
  }

  #shownUsage(): page.MessageUsage | null {
    const { cachedTokens, completionTokens, promptTokens, reasoningTokens } = this.#usage ?? this.#tally;
    if (promptTokens === 0 && completionTokens === 0) return null;
    const costMicros = this.#services.accounting?.costOf(this.#tally) ?? 0;
    const { decodeMs = null, ttftMs = null } = this.#usage?.timings ?? {};
    return { promptTokens, cachedTokens, completionTokens, reasoningTokens, costMicros, ttftMs, decodeMs };
  }
}

const isTooLong = (thrown: unknown): boolean => thrown instanceof ArrieroError && thrown.code === "context_length_exceeded";

const saidTokens = (said: readonly GenerationEvent[]): number =>
  said.reduce((sum, event) => sum + ("tokens" in event ? Math.max(event.tokens.length, 1) : 0), 0);

/** The conversation's parameters, then the model's own. The same seed for every attempt: that is what makes it continue. */
function settle(
  { asked }: HeldGeneration,
  resolved: ResolvedModel,
  messages: ReturnType<typeof promptOf>,
  seed: number | null,
  moreTokens: number,
): GenerationRequest {
  const { maxTokens, reasoning, stop = [], ...sampling } = asked.parameters;
  const generation: AskedGeneration = {
    id: "chat",
    model: resolved.model,
    adapter: resolved.adapter,
    input: {
      kind: "chat",
      messages,
      tools: [],
      toolChoice: { kind: "auto" },
      parallelToolCalls: true,
      ...(reasoning === undefined ? {} : { reasoning }),
    },
    sampling: { ...sampling, ...(seed === null ? {} : { seed }) },
    format: { kind: "text" },
    maxTokens: maxTokens === undefined ? null : maxTokens + moreTokens,
    stop,
    logprobs: null,
    n: 1,
    ignoreEos: false,
    priority: "interactive",
    client: "page",
    resume: null,
    wantPromptTokens: true,
  };
  return settleRequest(generation, resolved);
}
