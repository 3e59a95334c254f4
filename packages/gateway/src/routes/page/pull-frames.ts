import { ArrieroError, type page } from "@arriero/spec";
import type { LibraryProgress } from "../../library/model-library.ts";

/** A pull as SSE. What goes wrong before the first frame is thrown; after it, it is the last frame. */
export async function* pullFrames(progress: AsyncIterable<LibraryProgress>): AsyncGenerator<string, void, void> {
  let begun = false;
  try {
    for await (const { file, phase, receivedBytes, totalBytes } of progress) {
      begun = true;
      yield frame({ event: "progress", status: `${phase} ${file}`.trim(), total: totalBytes, completed: receivedBytes });
    }
    yield frame({ event: "done" });
  } catch (thrown) {
    const error = ArrieroError.wrap(thrown);
    if (!begun) throw error;
    yield frame({ event: "error", code: error.code, message: error.message });
  }
}

const frame = (event: page.PullEvent): string => `event: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`;
