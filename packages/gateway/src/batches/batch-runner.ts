import { existsSync } from "node:fs";
import { openai } from "@arriero/dialects";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { type FileStore, newFileId } from "../files/file-store.ts";
import type { BatchFolder } from "./batch-folder.ts";
import { BatchLog, readLog } from "./batch-log.ts";
import { type BatchRecord, NO_TOKENS } from "./batch-record.ts";
import { boundedLines, type NumberedLine } from "./bounded-lines.ts";
import { checkInput, type InputLimits } from "./check-input.ts";
import { FolderTurn } from "./folder-turn.ts";
import type { LineRunner } from "./line-runner.ts";
import { Slots } from "./slots.ts";

export interface BatchRunnerOptions {
  readonly folder: BatchFolder;
  readonly files: FileStore;
  readonly lines: Pick<LineRunner, "run">;
  readonly limits: InputLimits & { readonly concurrency: number };
  readonly clock: Clock;
  /** Whether what lines cost can be written down. One that runs before, and is told, would be nobody's if the server were killed. */
  canBill(): boolean;
  /** Something broke that no caller hears of. */
  onFault(batch: string, thrown: unknown): void;
}

/** How often the folder is looked at for batches that came, or are to end. */
const LOOK_MS = 500;
/** Batches worked on at a time; the places for lines are shared among them. */
const MOST_RUNNING = 16;
/** Counts are written so often while a batch runs. */
const SAVE_MS = 1_000;
/** A batch that broke on a fault of ours is tried again after this long. */
const FAULT_MS = 10_000;

const EXPIRED = new ArrieroError("request_timeout", "The batch's completion window is over.");
const CANCELLED = new ArrieroError("cancelled", "The batch was cancelled.");
const DRAINING = new ArrieroError("draining", "This server is stopping.");

/**
 * Carries batches on from wherever they stand: checks their input, runs the lines that are not in the log yet, and makes the
 * files. All of its state is in the folder, so a crash costs the lines that ran, which run again.
 */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  readonly #turn: FolderTurn;
  readonly #slots: Slots;
  readonly #running = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  readonly #faulty = new Map<string, number>();
  #cancelLook: (() => void) | null = null;
  #looking: Promise<void> = Promise.resolve();
  /** No further line begins. */
  #closing = false;

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
    this.#turn = new FolderTurn(options.folder.path);
    this.#slots = new Slots(options.limits.concurrency);
  }

  start(): void {
    this.#look();
  }

  /** Lets the lines that run finish within `patienceMs`; what does not is run again at the next start. */
  async close(patienceMs: number): Promise<void> {
    this.#closing = true;
    this.#cancelLook?.();
    await this.#looking;
    const running = [...this.#running.values()];
    const cancel = this.#options.clock.after(patienceMs, () => {
      for (const { stop } of running) stop.abort(DRAINING);
    });
    await Promise.all(running.map(({ done }) => done));
    cancel();
    this.#turn.give();
  }

  #look(): void {
    this.#looking = this.#lookOnce()
      .catch((thrown: unknown) => this.#options.onFault("all", thrown))
      .finally(() => {
        if (!this.#closing) this.#cancelLook = this.#options.clock.after(LOOK_MS, () => this.#look());
      });
  }

  async #lookOnce(): Promise<void> {
    const { canBill, clock, folder } = this.#options;
    // Where nobody has made a batch yet nothing is made for them either.
    if (!existsSync(folder.path) || !this.#turn.take()) return;
    const now = clock.now();
    for (const batch of await folder.unfinished()) {
      const running = this.#running.get(batch.id);
      if (running !== undefined) {
        if (batch.status === "cancelling") running.stop.abort(CANCELLED);
        else if (batch.expiresAt <= now) running.stop.abort(EXPIRED);
      } else if (this.#running.size < MOST_RUNNING && (this.#faulty.get(batch.id) ?? 0) <= now && !this.#closing) {
        // One that only ends costs nothing.
        if (canBill() || batch.status === "cancelling" || batch.expiresAt <= now) this.#begin(batch);
      }
    }
  }

  #begin(batch: BatchRecord): void {
    const stop = new AbortController();
    if (batch.status === "cancelling") stop.abort(CANCELLED);
    else if (batch.expiresAt <= this.#options.clock.now()) stop.abort(EXPIRED);
    const done = this.#carryOn(batch, stop.signal)
      .catch((thrown: unknown) => {
        this.#faulty.set(batch.id, this.#options.clock.now() + FAULT_MS);
        this.#options.onFault(batch.id, thrown);
      })
      .finally(() => this.#running.delete(batch.id));
    this.#running.set(batch.id, { stop, done });
  }

  async #carryOn(found: BatchRecord, stop: AbortSignal): Promise<void> {
    const { clock, files, folder, limits } = this.#options;
    let batch = found.status === "cancelling" ? { ...found, status: statusBefore(found) } : found;
    const input = await files.find(batch.owner.id, batch.inputFileId).catch(() => null);
    if (input === null) {
      await this.#fail(batch, [fault("not_found", "The input file is gone.")]);
      return;
    }
    if (batch.status === "validating") {
      const { faults, total } = await checkInput(files.open(input), batch.endpoint, limits);
      if (faults.length > 0) {
        await this.#fail(batch, faults);
        return;
      }
      const counts = { ...batch.counts, total };
      batch = { ...batch, status: "in_progress", inProgressAt: clock.now(), counts };
      await folder.save(batch);
    }
    if (batch.status === "in_progress") {
      batch = await this.#runLines(batch, boundedLines(files.open(input), limits.lineBytes), stop);
      if (stop.aborted ? stop.reason === DRAINING : this.#closing) return;
      // Named before they are made: a second try makes the same files.
      const ids = { outputFileId: newFileId(), errorFileId: newFileId() };
      batch = { ...batch, ...ids, status: "finalizing", finalizingAt: clock.now() };
      await folder.save(batch);
    }
    await this.#finish(batch, boundedLines(files.open(input), limits.lineBytes), stop);
  }

  /** Resolves when no line runs any more, be it that all are done or that the batch is stopped. */
  async #runLines(begun: BatchRecord, lines: AsyncIterable<NumberedLine>, stop: AbortSignal): Promise<BatchRecord> {
    const { clock, folder } = this.#options;
    const done = new Set<number>();
    let batch: BatchRecord = { ...begun, counts: { ...begun.counts, completed: 0, failed: 0 }, usage: NO_TOKENS };
    const log = await BatchLog.open(folder.logOf(batch.id), (line) => {
      done.add(line.line);
      batch = counted(batch, line);
    });
    const running = new Set<Promise<void>>();
    let savedAt = clock.now();
    let broken: unknown = null;
    try {
      for await (const line of lines) {
        if (done.has(line.number)) continue;
        await this.#slots.take();
        if (stop.aborted || this.#closing || broken !== null) {
          this.#slots.release();
          break;
        }
        const work = this.#options.lines
          .run(batch, line, stop)
          .then(async (logged) => {
            await log.append(logged);
            batch = counted(batch, logged);
          })
          .catch((thrown: unknown) => {
            if (!stop.aborted) broken = thrown;
          })
          .finally(() => {
            this.#slots.release();
            running.delete(work);
          });
        running.add(work);
        if (clock.now() - savedAt >= SAVE_MS) {
          savedAt = clock.now();
          await folder.save(batch);
        }
      }
    } finally {
      await Promise.all(running);
      await log.close();
    }
    if (broken !== null) throw broken;
    await folder.save(batch);
    return batch;
  }

  async #finish(batch: BatchRecord, lines: AsyncIterable<NumberedLine>, stop: AbortSignal): Promise<void> {
    const { clock, folder } = this.#options;
    const expired = stop.reason === EXPIRED;
    const done = new Set<number>();
    const texts = async function* (ok: boolean): AsyncGenerator<string> {
      for await (const line of readLog(folder.logOf(batch.id))) {
        done.add(line.line);
        if (line.ok === ok) yield `${JSON.stringify(line.record)}\n`;
      }
      if (ok || !expired) return;
      for await (const { number, text } of lines) {
        if (done.has(number)) continue;
        const id = `batch_req_${batch.id.slice("batch_".length)}-${number}`;
        const message = "The batch's completion window was over before this request could run.";
        yield `${JSON.stringify(openai.formatBatchLine(id, JSON.parse(text).custom_id, { kind: "not-run", code: "batch_expired", message }))}\n`;
      }
    };
    const outputFileId = await this.#write(batch, batch.outputFileId!, "output", texts(true));
    const errorFileId = await this.#write(batch, batch.errorFileId!, "errors", texts(false));
    const now = clock.now();
    const ended: Partial<BatchRecord> = expired
      ? { status: "expired", expiredAt: now }
      : stop.aborted
        ? { status: "cancelled", cancelledAt: now, cancellingAt: Math.floor((await folder.cancelledAt(batch.id)) ?? now) }
        : { status: "completed", completedAt: now };
    const counts = expired ? { ...batch.counts, failed: batch.counts.total - batch.counts.completed } : batch.counts;
    await folder.save({ ...batch, ...ended, counts, outputFileId, errorFileId });
    await folder.clear(batch.id);
  }

  /** null: there was nothing to write. */
  async #write(batch: BatchRecord, id: string, kind: string, texts: AsyncIterable<string>): Promise<string | null> {
    const draft = await this.#options.files.draft({ id, bounded: false });
    for await (const text of texts) await draft.write(Buffer.from(text));
    if (draft.bytes === 0) {
      await draft.abandon();
      return null;
    }
    const lifeMs = batch.outputMs;
    await draft.commit({ owner: batch.owner.id, filename: `${batch.id}_${kind}.jsonl`, purpose: "batch_output", lifeMs });
    return id;
  }

  async #fail(batch: BatchRecord, faults: readonly openai.BatchFault[]): Promise<void> {
    const { clock, folder } = this.#options;
    await folder.save({ ...batch, status: "failed", failedAt: clock.now(), faults });
    await folder.clear(batch.id);
  }
}

function counted(batch: BatchRecord, { ok, tokens }: { readonly ok: boolean; readonly tokens: openai.BatchTokens }): BatchRecord {
  const { completed, failed, total } = batch.counts;
  const { cached, completion, prompt, reasoning } = batch.usage;
  return {
    ...batch,
    counts: { total, completed: completed + (ok ? 1 : 0), failed: failed + (ok ? 0 : 1) },
    usage: {
      prompt: prompt + tokens.prompt,
      cached: cached + tokens.cached,
      completion: completion + tokens.completion,
      reasoning: reasoning + tokens.reasoning,
    },
  };
}

/** Where a batch stood when its end was wished for. */
function statusBefore({ finalizingAt, inProgressAt }: BatchRecord): openai.BatchStatus {
  if (finalizingAt !== null) return "finalizing";
  return inProgressAt === null ? "validating" : "in_progress";
}

const fault = (code: "not_found", message: string): openai.BatchFault => ({ code, message, param: "input_file_id", line: null });
