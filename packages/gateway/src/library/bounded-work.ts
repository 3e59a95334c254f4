import { ArrieroError } from "@arriero/spec";

/** Work of one kind, only so many pieces of it at a time; one more is refused. */
export class BoundedWork {
  readonly #most: number;
  readonly #what: string;
  #running = 0;

  /** @param what completes "N ... are under way" */
  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** Throws queue_full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) {
      throw new ArrieroError("queue_full", `${this.#most} ${this.#what} are under way, which is the limit.`, { retryAfter: 5 });
    }
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
    }
  }
}
