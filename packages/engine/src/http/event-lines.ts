import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { GenerationEvent } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";

/** A reader that takes nothing for this long is cut off. */
const STALLED_READER_MS = 60_000;

/**
 * Writes events as newline-delimited JSON. Whatever is ready goes out in one write; a reader that does not keep up
 * pauses the writing, not the generation.
 */
export async function writeEventLines(response: ServerResponse, events: AsyncIterableIterator<GenerationEvent>): Promise<void> {
  const onClose = () => void events.return?.();
  response.once("close", onClose);
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  try {
    for await (const event of events) {
      if (response.destroyed) break;
      if (response.write(`${JSON.stringify(event)}\n`)) continue;
      await once(response, "drain", { signal: AbortSignal.timeout(STALLED_READER_MS) });
    }
    response.end();
  } catch (thrown) {
    response.destroy(ArrieroError.wrap(thrown));
  } finally {
    response.off("close", onClose);
    await events.return?.();
  }
}
