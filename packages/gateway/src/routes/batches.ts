import { openai } from "@arriero/dialects";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { type BatchFolder, newBatchId } from "../batches/batch-folder.ts";
import { isFinal, newBatch } from "../batches/batch-record.ts";
import type { FileStore } from "../files/file-store.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { requireFiles } from "./files.ts";

export interface BatchServices {
  readonly inference: Inference;
  readonly files: FileStore | null;
  /** null: this server keeps none. */
  readonly batches: BatchFolder | null;
  /** Batches that have not ended, of all keys. */
  readonly unfinishedBatches: number;
  readonly clock: Clock;
}

const PAGE = { usual: 20, most: 100 };
/** Ended batches that are remembered; the oldest leave first. */
const MOST_ENDED = 10_000;
/** Seconds until a caller may try again where too many are unfinished. */
const RETRY_AFTER = 60;

/** OpenAI's batches. They belong to the key that made them. */
export function batchRoutes(services: BatchServices): readonly Route[] {
  const routes = { access: "caller", inference: false } as const;
  const folder = (): BatchFolder => {
    requireFiles(services.files);
    return services.batches!;
  };
  return [
    {
      ...routes,
      method: "POST",
      path: "/v1/batches",
      async handler(exchange) {
        const asked = openai.parseBatch(await exchange.readJson());
        exchange.sendJson(200, openai.formatBatch(await create(exchange, asked, services, folder())));
      },
    },
    {
      ...routes,
      method: "GET",
      path: "/v1/batches",
      async handler(exchange) {
        const page = openai.parsePage(exchange.query, PAGE);
        const own = (await folder().list()).filter(({ owner }) => owner.id === exchange.client);
        exchange.sendJson(200, openai.formatPage(own.map(openai.formatBatch), page));
      },
    },
    {
      ...routes,
      method: "GET",
      path: "/v1/batches/{id}",
      async handler(exchange) {
        exchange.sendJson(200, openai.formatBatch(await folder().find(exchange.client, exchange.parameter)));
      },
    },
    {
      ...routes,
      method: "POST",
      path: "/v1/batches/{id}/cancel",
      async handler(exchange) {
        const batch = await folder().find(exchange.client, exchange.parameter);
        if (isFinal(batch)) {
          throw new ArrieroError("conflict", `The batch has ended: it is ${batch.status}.`, {
            hint: "There is nothing to cancel.",
          });
        }
        await folder().cancel(batch.id);
        exchange.sendJson(200, openai.formatBatch(await folder().find(exchange.client, batch.id)));
      },
    },
  ];
}

async function create(exchange: Exchange, asked: openai.AskedBatch, services: BatchServices, folder: BatchFolder) {
  const { clock, files, inference, unfinishedBatches } = services;
  inference.requireHere(exchange.tally);
  const { purpose } = await requireFiles(files).find(exchange.client, asked.inputFileId);
  if (purpose !== "batch") {
    const message = `The input file must have been uploaded with the purpose batch, but has ${purpose}.`;
    throw new ArrieroError("invalid_request", message, { param: "input_file_id" });
  }
  const all = await folder.list();
  const ended = all.filter(isFinal);
  if (all.length - ended.length >= unfinishedBatches) {
    const message = `${unfinishedBatches} batches are unfinished, which is the limit.`;
    throw new ArrieroError("queue_full", message, { retryAfter: RETRY_AFTER });
  }
  for (const { id } of ended.slice(MOST_ENDED)) await folder.remove(id);
  const { principal, tally } = exchange;
  const batch = newBatch(newBatchId(), asked, { now: clock.now(), owner: principal!, residency: tally.residency });
  await folder.save(batch);
  return batch;
}
