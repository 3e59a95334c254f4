/**
 * Hands values from callbacks to one `for await` reader. Bounded by its producer: a generation pushes at most a few
 * events per token, and its tokens are bounded by the context.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  readonly #onReturn: () => void;
  #wake: (() => void) | null = null;
  #ended = false;

  /** @param onReturn called once when the reader stops early */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** No further item; the reader still gets what was pushed. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return { done: false, value: item };
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    if (!this.#ended) {
      this.#ended = true;
      this.#onReturn();
      // A reader may wait in next() at this moment.
      this.#wake?.();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
