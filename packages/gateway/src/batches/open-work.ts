import { join } from "node:path";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import { type FileLimits, FileStore } from "../files/file-store.ts";
import type { WholeAnswers } from "../routes/openai-whole.ts";
import type { OrganisationPolicies } from "../routing/caller-residency.ts";
import type { StoreDoor } from "../store/store-door.ts";
import type { Accounting } from "../usage/accounting.ts";
import { BatchFolder } from "./batch-folder.ts";
import { BatchOwners } from "./batch-owner.ts";
import { BatchRunner } from "./batch-runner.ts";
import { LineRunner } from "./line-runner.ts";

export interface BatchLimits {
  /** Lines that run at the same time, of all batches together. */
  readonly concurrency: number;
  /** Requests of one batch. */
  readonly lines: number;
  /** Batches that have not ended, of all keys. */
  readonly unfinished: number;
}

export interface WorkOptions {
  /** Holds `files` and `batches`. */
  readonly folder: string;
  readonly files: FileLimits;
  readonly batches: BatchLimits;
}

/** Uploaded files, batches, and who runs them. */
export interface Work {
  readonly files: FileStore;
  readonly folder: BatchFolder;
  readonly runner: BatchRunner;
}

interface WorkServices {
  readonly answers: WholeAnswers;
  readonly accounting: Accounting | null;
  readonly door: StoreDoor | null;
  organisations(): OrganisationPolicies;
  /** A line of a batch is bounded as a request's body is. */
  readonly lineBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openWork(options: WorkOptions, { door, lineBytes, ...services }: WorkServices): Work {
  const { clock, log } = services;
  const files = new FileStore({ folder: join(options.folder, "files"), limits: options.files, clock });
  const folder = new BatchFolder(join(options.folder, "batches"));
  const owners = new BatchOwners({
    clock,
    loadKey: (id) => {
      if (door === null) throw new ArrieroError("store_unavailable", "This server has no store of keys any more.");
      return door.ask(({ keys }) => keys.get(id));
    },
  });
  const runner = new BatchRunner({
    folder,
    files,
    lines: new LineRunner({ ...services, owners }),
    limits: { ...options.batches, lineBytes },
    clock,
    canBill: () => door === null || !door.isAwake || door.current !== null,
    onFault: (batch, thrown) => log.error({ batch, err: thrown }, "a batch could not go on; it is tried again"),
  });
  return { files, folder, runner };
}
