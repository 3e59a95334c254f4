import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { writeDurably } from "../files/durable-write.ts";
import { type BatchRecord, isFinal } from "./batch-record.ts";

const ID = /^batch_[0-9a-f]{24}$/;
const RECORD = ".json";
const CANCEL = ".cancel";

export const newBatchId = (): string => `batch_${randomBytes(12).toString("hex")}`;

/**
 * Batches on disk: `ID.json` is the batch, `ID.log` what its lines have come to, `ID.cancel` the wish to end it. After its
 * making a batch is written by its runner alone, so any gateway of the home may read, and cancel.
 */
export class BatchFolder {
  readonly path: string;
  /** Ids of those that have ended: nothing about them changes any more. */
  #ended = new Set<string>();

  constructor(path: string) {
    this.path = path;
  }

  async save(batch: BatchRecord): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await writeDurably(join(this.path, batch.id + RECORD), JSON.stringify(batch));
  }

  /** null: there is none. */
  async read(id: string): Promise<BatchRecord | null> {
    if (!ID.test(id)) return null;
    const text = await readFile(join(this.path, id + RECORD), "utf8").catch(() => null);
    if (text === null) return null;
    const batch = JSON.parse(text) as BatchRecord;
    const cancelledAt = isFinal(batch) ? null : await this.cancelledAt(id);
    return cancelledAt === null ? batch : { ...batch, status: "cancelling", cancellingAt: Math.floor(cancelledAt) };
  }

  /** Throws not_found, also for what belongs to others. */
  async find(owner: string, id: string): Promise<BatchRecord> {
    const batch = await this.read(id);
    if (batch !== null && batch.owner.id === owner) return batch;
    throw new ArrieroError("not_found", `There is no batch ${JSON.stringify(id.slice(0, 64))}.`, {
      hint: "See GET /v1/batches for those of this key.",
    });
  }

  /** Newest first. */
  async list(): Promise<BatchRecord[]> {
    const names = await readdir(this.path).catch(() => []);
    const batches: BatchRecord[] = [];
    for (const name of names) {
      const batch = name.endsWith(RECORD) ? await this.read(name.slice(0, -RECORD.length)) : null;
      if (batch !== null) batches.push(batch);
    }
    return batches.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  /** Those that have not ended, oldest first. Cheap however many have: asked again and again. */
  async unfinished(): Promise<BatchRecord[]> {
    const names = await readdir(this.path).catch(() => []);
    const ids = names.flatMap((name) => (name.endsWith(RECORD) ? [name.slice(0, -RECORD.length)] : []));
    this.#ended = new Set(ids.filter((id) => this.#ended.has(id)));
    const batches: BatchRecord[] = [];
    for (const id of ids) {
      const batch = this.#ended.has(id) ? null : await this.read(id);
      if (batch === null) continue;
      if (isFinal(batch)) this.#ended.add(id);
      else batches.push(batch);
    }
    return batches.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  async cancel(id: string): Promise<void> {
    await writeFile(join(this.path, id + CANCEL), "", { mode: 0o600, flag: "a" });
  }

  /** When the end was wished for, in milliseconds since the epoch; null: it was not. */
  async cancelledAt(id: string): Promise<number | null> {
    const found = await stat(join(this.path, id + CANCEL)).catch(() => null);
    return found?.mtimeMs ?? null;
  }

  logOf(id: string): string {
    return join(this.path, `${id}.log`);
  }

  /** Once the batch is final: what only its running needed. */
  async clear(id: string): Promise<void> {
    await rm(this.logOf(id), { force: true });
    await rm(join(this.path, id + CANCEL), { force: true });
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.path, id + RECORD), { force: true });
    await this.clear(id);
  }
}
