import { openai } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { FileStore } from "../files/file-store.ts";
import { receiveForm } from "../files/receive-form.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";

export interface FileServices {
  readonly inference: Inference;
  /** null: this server keeps none. */
  readonly files: FileStore | null;
}

const PAGE = { usual: 10_000, most: 10_000 };

/** Throws unsupported where the server keeps no files. */
export function requireFiles(files: FileStore | null): FileStore {
  if (files !== null) return files;
  throw new ArrieroError("unsupported", "This server keeps no files.", { hint: "It does when it has a home." });
}

/** OpenAI's files. They belong to the key that made them. */
export function fileRoutes({ files, inference }: FileServices): readonly Route[] {
  const routes = { access: "caller", inference: false } as const;
  return [
    {
      ...routes,
      method: "POST",
      path: "/v1/files",
      async handler(exchange) {
        exchange.sendJson(200, openai.formatFile(await receive(exchange, requireFiles(files), inference)));
      },
    },
    {
      ...routes,
      method: "GET",
      path: "/v1/files",
      async handler(exchange) {
        const page = openai.parsePage(exchange.query, PAGE);
        const purpose = exchange.query.get("purpose");
        const own = await requireFiles(files).list(exchange.client);
        const asked = own.filter((file) => purpose === null || file.purpose === purpose);
        exchange.sendJson(200, openai.formatPage(asked.map(openai.formatFile), page));
      },
    },
    {
      ...routes,
      method: "GET",
      path: "/v1/files/{id}/content",
      async handler(exchange) {
        const file = await requireFiles(files).find(exchange.client, exchange.parameter);
        const headers = { "content-type": "application/octet-stream", "content-length": String(file.bytes) };
        if (file.bytes === 0) exchange.sendText(200, "", headers);
        else await exchange.sendFrames(requireFiles(files).open(file), headers);
      },
    },
    {
      ...routes,
      method: "GET",
      path: "/v1/files/{id}",
      async handler(exchange) {
        exchange.sendJson(200, openai.formatFile(await requireFiles(files).find(exchange.client, exchange.parameter)));
      },
    },
    {
      ...routes,
      method: "DELETE",
      path: "/v1/files/{id}",
      async handler(exchange) {
        await requireFiles(files).delete(exchange.client, exchange.parameter);
        exchange.sendJson(200, openai.formatDeletedFile(exchange.parameter));
      },
    },
  ];
}

async function receive(exchange: Exchange, files: FileStore, inference: Inference) {
  // The bytes come to rest here: that is for the caller's policy to allow.
  inference.requireHere(exchange.tally);
  const draft = await files.draft();
  try {
    const form = await receiveForm(exchange.contentType, exchange.readStream().bytes, draft.write);
    const { filename, purpose, seconds } = openai.parseUpload(form.filename, form.fields);
    const lifeMs = seconds === null ? null : seconds * 1000;
    return await draft.commit({ owner: exchange.client, filename, purpose, lifeMs });
  } catch (thrown) {
    await draft.abandon().catch(() => undefined);
    throw thrown;
  }
}
