import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { EventLine, GenerationEvent } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";

/** A reader that takes nothing for this long is cut off. */
const STALLED_READER_MS = 60_000;

/**
 * Writes events as newline-delimited JSON, each with its position. An error that comes first is thrown, so that it is
 * answered with its status. Whatever is ready goes out in one write; a reader that does not keep up pauses the writing,
 * not the generation.
 */
export async function writeEventLines(response: ServerResponse, events: AsyncIterableIterator<GenerationEvent>): Promise<void> {
  const onClose = () => void events.return?.();
  response.once("close", onClose);
  let position = 0;
  try {
    for await (const event of events) {
      if (response.destroyed) break;
      if (!response.headersSent) {
        if (event.type === "error") throw ArrieroError.from(event.error);
        response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
      }
      const line: EventLine = [position++, event];
      if (response.write(`${JSON.stringify(line)}\n`)) continue;
      await once(response, "drain", { signal: AbortSignal.timeout(STALLED_READER_MS) });
    }
    response.end();
  } catch (thrown) {
    if (!response.headersSent) throw thrown;
    response.destroy(ArrieroError.wrap(thrown));
  } finally {
    response.off("close", onClose);
    await events.return?.();
  }
}
