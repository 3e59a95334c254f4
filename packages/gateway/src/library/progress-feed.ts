import type { LibraryProgress } from "./model-library.ts";

/**
 * Progress on its way to one watcher who may read slowly: of each phase of each file only the latest report is kept, so
 * what waits is bounded by what is pulled.
 */
export class ProgressFeed implements AsyncIterable<LibraryProgress> {
  readonly #waiting = new Map<string, LibraryProgress>();
  #end: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;

  push(progress: LibraryProgress): void {
    this.#waiting.set(`${progress.phase} ${progress.file}`, progress);
    this.#wake();
  }

  /** What was pushed is read first; then the feed ends, or throws the error where there is one. */
  end(error: unknown = null): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LibraryProgress, void, void> {
    for (;;) {
      for (const [key, progress] of this.#waiting) {
        this.#waiting.delete(key);
        yield progress;
      }
      if (this.#waiting.size > 0) continue;
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
