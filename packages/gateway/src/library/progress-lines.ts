import { ollama } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { LibraryProgress } from "./model-library.ts";

/**
 * The lines of a pull or a creation. The first one waits until the publisher has answered, so that a wrong name still is
 * an HTTP status; what fails later is the last line.
 */
export async function* progressLines(all: AsyncIterable<LibraryProgress>): AsyncGenerator<string, void, void> {
  let last = "";
  let begun = false;
  try {
    for await (const progress of all) {
      if (!begun && progress.phase === "resolving") continue;
      if (!begun) yield ollama.progressText({ status: "pulling manifest" });
      begun = true;
      const line = ollama.progressText(ollama.formatProgress({ ...progress, digest: progress.digest ?? null }));
      if (line !== last) yield line;
      last = line;
    }
    yield ollama.progressText(ollama.SUCCESS);
  } catch (thrown) {
    if (!begun) throw thrown;
    yield ollama.errorLine(ArrieroError.wrap(thrown));
  }
}
