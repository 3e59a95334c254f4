import { ArrieroError } from "@arriero/spec";
import { BoundedWork } from "./bounded-work.ts";
import type { LibraryModel, LibraryProgress, LibraryWork } from "./model-library.ts";
import { ProgressFeed } from "./progress-feed.ts";

/** Different models pulled at a time: more would only share the same line. */
const MOST_PULLS = 4;

interface Pull {
  readonly controller: AbortController;
  readonly watchers: Set<ProgressFeed>;
  latest: LibraryProgress | null;
}

/**
 * Pulls, one at a time for each name: whoever asks for a model that is on its way watches that pull. A pull ends early
 * when the last of its watchers has left.
 */
export class SharedPulls {
  readonly #start: (reference: string, work: LibraryWork) => Promise<LibraryModel>;
  readonly #pulls = new Map<string, Pull>();
  readonly #bound = new BoundedWork(MOST_PULLS, "pulls");

  constructor(start: (reference: string, work: LibraryWork) => Promise<LibraryModel>) {
    this.#start = start;
  }

  /** The progress of a pull, which is begun unless it runs; ends when the model is here. Throws what the pull throws. */
  async *watch(reference: string, signal: AbortSignal): AsyncGenerator<LibraryProgress, void, void> {
    signal.throwIfAborted();
    const key = pullKey(reference);
    const pull = this.#pulls.get(key) ?? this.#begin(key, reference);
    const feed = new ProgressFeed();
    const leave = (): void => feed.end(signal.reason);
    if (pull.latest !== null) feed.push(pull.latest);
    pull.watchers.add(feed);
    signal.addEventListener("abort", leave, { once: true });
    try {
      yield* feed;
    } finally {
      signal.removeEventListener("abort", leave);
      pull.watchers.delete(feed);
      if (pull.watchers.size === 0) this.#abandon(key, pull);
    }
  }

  #begin(key: string, reference: string): Pull {
    const pull: Pull = { controller: new AbortController(), watchers: new Set(), latest: null };
    this.#pulls.set(key, pull);
    const work: LibraryWork = {
      signal: pull.controller.signal,
      onProgress(progress) {
        pull.latest = progress;
        for (const watcher of pull.watchers) watcher.push(progress);
      },
    };
    const end = (error: unknown): void => {
      if (this.#pulls.get(key) === pull) this.#pulls.delete(key);
      for (const watcher of pull.watchers) watcher.end(error);
    };
    this.#bound
      .run(() => this.#start(reference, work))
      .then(
        () => end(null),
        (error: unknown) => end(ArrieroError.wrap(error)),
      );
    return pull;
  }

  /** Nobody waits for it any more. Who asks again begins anew, and the store continues where this one stopped. */
  #abandon(key: string, pull: Pull): void {
    if (this.#pulls.get(key) === pull) this.#pulls.delete(key);
    pull.controller.abort(new ArrieroError("cancelled", "Nobody waits for this pull any more."));
  }
}

function pullKey(reference: string): string {
  return reference
    .trim()
    .toLowerCase()
    .replace(/:latest$/, "");
}
