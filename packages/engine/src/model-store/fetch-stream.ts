import { open } from "node:fs/promises";
import { checkSpace } from "./disk-space.ts";
import type { DownloadContext } from "./download-context.ts";
import { discardPartial, type PartialFiles } from "./download-journal.ts";
import { ask, CutShort, checkMagic, linkedSha256, retrying } from "./download-request.ts";
import type { Fetched } from "./fetch-parts.ts";
import type { HubResponse } from "./hub-http.ts";
import type { RemoteFile } from "./remote-file.ts";

/** A server without ranges: one stream, from the start again when it is cut. */
export async function fetchStream(
  file: RemoteFile,
  files: PartialFiles,
  first: HubResponse,
  context: DownloadContext,
): Promise<Fetched> {
  await discardPartial(files);
  let answer: HubResponse | null = first;
  return await retrying(context, async () => {
    const current: HubResponse = answer ?? (await ask(file, context, context.signal, {}));
    answer = null;
    try {
      return await writeStream(file, files, current, context);
    } finally {
      current.body.on("error", () => undefined).destroy();
    }
  });
}

async function writeStream(
  file: RemoteFile,
  files: PartialFiles,
  answer: HubResponse,
  context: DownloadContext,
): Promise<Fetched> {
  const length = /^\d{1,15}$/.exec(answer.headers["content-length"] ?? "")?.[0];
  const announced = length === undefined ? file.sizeBytes : Number(length);
  const free = await context.freeBytes(context.folder);
  checkSpace(context.folder, announced ?? 0, free);
  const data = await open(files.data, "w");
  let at = 0;
  try {
    for await (const chunk of answer.body) {
      if (at === 0) checkMagic(file, chunk);
      await data.writeFile(chunk);
      at += chunk.length;
      // A stream of unknown length must not fill the disk either.
      if (announced === null) checkSpace(context.folder, 0, free - at);
      context.onProgress({ phase: "downloading", file: file.name, receivedBytes: at, totalBytes: announced, resumedBytes: 0 });
    }
    await data.sync();
  } finally {
    await data.close();
  }
  if (announced !== null && at < announced)
    throw new CutShort(`${new URL(answer.url).host} closed the connection at byte ${at} of ${announced}`);
  return { totalBytes: at, resumedBytes: 0, sha256: linkedSha256(answer.firstHeaders) };
}
