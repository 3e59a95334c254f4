import { randomUUID } from "node:crypto";
import { ArrieroError, type page } from "@arriero/spec";
import {
  type HeldGeneration,
  holderName,
  joined,
  type LogEntry,
  type Owner,
  type PlacedEntry,
  processMark,
  type StartedAnswer,
  writtenBy,
} from "@arriero/store";
import { ownerOf, type Person } from "../accounts/person.ts";
import { GenerationJob, type JobServices } from "./generation-job.ts";
import { RecentEntries } from "./recent-entries.ts";

export interface DeskOptions extends JobServices {
  /** Something went wrong that no caller hears of. */
  onTrouble(error: ArrieroError): void;
}

/** What an answer is asked of; what is not named is the conversation's. */
type AnswerChoices = Pick<page.NewMessage, "model" | "adapter" | "parameters">;

/** Generations of this server at once. */
const MOST_JOBS = 512;
/** Watchers at once, of all generations together. */
const MOST_WATCHERS = 4_096;
const BEAT_MS = 10_000;
const REAP_MS = 15_000;
const TIDY_MS = 600_000;
/** A watcher asks so often for what another gateway writes, and hears so often that the line lives. */
const POLL_MS = 500;
const PING_MS = 15_000;
/** A generation that was taken over so often is left to a person. */
const MOST_ATTEMPTS = 5;

/** All generations that this gateway runs and that people watch at it. */
export class GenerationDesk {
  readonly #options: DeskOptions;
  readonly #holder = holderName(processMark(), randomUUID());
  readonly #jobs = new Map<string, { readonly job: GenerationJob; readonly done: Promise<void> }>();
  readonly #recent = new RecentEntries();
  readonly #timers = new Set<() => void>();
  #watchers = 0;
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Begins to look after generations that others left. Once the store is open. */
  open(): void {
    this.#repeat(BEAT_MS, () => this.#beat());
    this.#repeat(REAP_MS, () => this.reap(), true);
    this.#repeat(TIDY_MS, () => this.#options.ask(({ generations }) => generations.tidy()));
  }

  /** Throws what the store's `ask` throws, queue_full, and draining. */
  async ask(person: Person, conversationId: string, asked: page.NewMessage): Promise<page.Started> {
    this.#requireRoom();
    const owner = ownerOf(person);
    const started = await this.#options.ask(({ messages }) => messages.ask(owner, conversationId, asked, this.#holder));
    if (started.fresh) this.#start(held(owner, started));
    return shown(started);
  }

  async retry(person: Person, answerId: string, wanted: Partial<AnswerChoices>): Promise<page.Started> {
    this.#requireRoom();
    const owner = ownerOf(person);
    const started = await this.#options.ask(({ messages }) => messages.retry(owner, answerId, wanted, this.#holder));
    this.#start(held(owner, started));
    return shown(started);
  }

  /** Goes on with an answer that had ended. Throws not_found and conflict. */
  async continue(person: Person, id: string): Promise<page.Started> {
    this.#requireRoom();
    const owner = ownerOf(person);
    const again = await this.#options.ask(({ generations }) => generations.reopen(owner, id, this.#holder));
    this.#start(again, true);
    return this.#options.ask(async ({ messages }) => {
      const answer = await messages.read(owner, again.messageId);
      return { generationId: id, answer, question: await messages.read(owner, answer.parentId ?? answer.id) };
    });
  }

  /** It ends within a beat wherever it runs; here at once. Throws not_found. */
  async stop(owner: Owner, id: string): Promise<void> {
    await this.#options.ask(({ generations }) => generations.requestStop(owner, id));
    this.#jobs.get(id)?.job.order("stop");
  }

  /** SSE frames for one watcher, until the generation ends or they leave. Throws not_found before the first. */
  async *watch(owner: Owner, id: string, after: number | null, signal: AbortSignal): AsyncGenerator<string, void, void> {
    if (this.#watchers >= MOST_WATCHERS)
      throw new ArrieroError("queue_full", `${MOST_WATCHERS} pages are watching, which is the limit.`, { retryAfter: 5 });
    this.#watchers++;
    try {
      yield* this.#frames(owner, id, after, signal);
    } finally {
      this.#watchers--;
    }
  }

  async *#frames(owner: Owner, id: string, after: number | null, signal: AbortSignal): AsyncGenerator<string, void, void> {
    const { clock } = this.#options;
    const first = await this.#read(owner, id);
    const { messageId } = first;
    let { lastSeq, state } = first;
    let at = after;
    let entries = at === null || at > lastSeq ? [] : await this.#log(id, at);
    // Put away, or of a time before: what it has is replaced.
    if (at === null || at > lastSeq || (entries[0]?.seq ?? lastSeq) > at + 1 || (entries.length === 0 && at < lastSeq)) {
      const log = await this.#log(id, 0);
      at = log.at(-1)?.seq ?? lastSeq;
      entries = [];
      const kept =
        log.length > 0
          ? { ...writtenBy(log), dropped: writtenBy(log).begin?.dropped ?? null }
          : await this.#message(owner, messageId);
      const { dropped, reasoning, text, toolCalls } = kept;
      yield frame(at, { type: "snapshot", messageId, text, reasoning, toolCalls: [...toolCalls], dropped });
    }
    let spokenAt = clock.now();
    while (!signal.aborted) {
      for (const { entry, seq } of entries) {
        at = seq;
        const update = updateOf(entry);
        if (update !== null) yield frame(seq, update);
        spokenAt = clock.now();
      }
      entries = this.#recent.since(id, at) ?? (await this.#log(id, at));
      if (entries.length > 0) continue;
      if (!this.#jobs.has(id)) {
        ({ lastSeq, state } = await this.#read(owner, id));
        if (state !== "running" && lastSeq <= at) {
          yield frame(at, { type: "end", message: await this.#message(owner, messageId) });
          return;
        }
      }
      if (clock.now() - spokenAt >= PING_MS) {
        yield ": still here\n\n";
        spokenAt = clock.now();
      }
      await this.#recent.changed(id, at, signal, (wake) => clock.after(POLL_MS, wake));
    }
  }

  /** Takes over what dead gateways of this machine left, and marks what is silent too long. */
  async reap(): Promise<void> {
    for (const orphan of await this.#options.ask(({ generations }) => generations.orphans())) {
      if (this.#closed || this.#jobs.has(orphan.id)) continue;
      const taken = await this.#options.ask(({ generations }) => generations.take(orphan, this.#holder));
      if (taken === null) continue;
      if (orphan.kind === "gone" && taken.attempt <= MOST_ATTEMPTS && this.#jobs.size < MOST_JOBS) this.#start(taken);
      else await this.#options.ask(({ generations }) => generations.interrupt(taken, this.#holder));
    }
  }

  get running(): number {
    return this.#jobs.size;
  }

  /** Gives up what runs for the next gateway to go on with. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    for (const { job } of this.#jobs.values()) job.order("release");
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }

  #requireRoom(): void {
    if (this.#closed) throw new ArrieroError("draining", "This server is stopping.");
    if (this.#jobs.size >= MOST_JOBS)
      throw new ArrieroError("queue_full", `${MOST_JOBS} answers are being written, which is the limit.`, { retryAfter: 5 });
  }

  #start(held: HeldGeneration, more = false): void {
    const job = new GenerationJob(this.#options, {
      held,
      holder: this.#holder,
      more,
      onWritten: (first, entries) => this.#recent.add(held.id, first, entries),
    });
    const done = job.run().finally(() => {
      this.#jobs.delete(held.id);
      this.#recent.end(held.id);
    });
    this.#jobs.set(held.id, { job, done });
  }

  async #beat(): Promise<void> {
    const ids = [...this.#jobs.keys()];
    const still = await this.#options.ask(({ generations }) => generations.beat(ids, this.#holder));
    for (const id of ids) {
      const answer = still.get(id);
      const job = this.#jobs.get(id)?.job;
      if (answer === undefined) job?.order("lost");
      else if (answer.stop) job?.order("stop");
    }
  }

  #read(owner: Owner, id: string) {
    return this.#options.ask(({ generations }) => generations.read(owner, id));
  }

  #log(id: string, after: number): Promise<readonly PlacedEntry[]> {
    return this.#options.ask(({ generations }) => generations.log(id, after));
  }

  #message(owner: Owner, id: string): Promise<page.Message> {
    return this.#options.ask(({ messages }) => messages.read(owner, id));
  }

  #repeat(ms: number, work: () => Promise<unknown>, atOnce = false): void {
    let cancel = (): void => undefined;
    const stop = (): void => cancel();
    this.#timers.add(stop);
    const round = (): void => {
      void work()
        .catch((thrown: unknown) => this.#options.onTrouble(ArrieroError.wrap(thrown)))
        .finally(() => {
          if (!this.#closed) cancel = this.#options.clock.after(ms, round);
        });
    };
    if (atOnce) round();
    else cancel = this.#options.clock.after(ms, round);
  }
}

/** What the store has just written of it, so that it need not be read again. */
function held(owner: Owner, { answer, asked, generationId }: StartedAnswer): HeldGeneration {
  return { id: generationId, messageId: answer.id, owner, asked, attempt: 1, lastSeq: 0 };
}

const shown = ({ answer, generationId, question }: StartedAnswer): page.Started => ({ generationId, question, answer });

function updateOf(entry: LogEntry): page.GenerationUpdate | null {
  switch (entry.kind) {
    case "begin": {
      const { adapter, cachedTokens, dropped, model, promptTokens } = entry;
      return { type: "begin", model, adapter, promptTokens, cachedTokens, dropped };
    }
    case "pieces": {
      const { reasoning, text } = joined(entry.pieces);
      const toolCalls = entry.pieces.flatMap((piece) => {
        if (piece.type !== "tool-call") return [];
        const { tokens: _, type: __, ...call } = piece;
        return [call];
      });
      return {
        type: "delta",
        ...(text === "" ? {} : { text }),
        ...(reasoning === "" ? {} : { reasoning }),
        ...(toolCalls.length === 0 ? {} : { toolCalls }),
      };
    }
    case "continued":
      return { type: "continued" };
    case "end":
      return null;
    default:
      return entry satisfies never;
  }
}

const frame = (seq: number, update: page.GenerationUpdate): string =>
  `event: ${update.type}\nid: ${seq}\ndata: ${JSON.stringify(update)}\n\n`;
