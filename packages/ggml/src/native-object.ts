import { NativeError } from "./native-error.ts";

/**
 * One owner for one native object. Disposing a parent first disposes its children, newest first; a disposed object
 * refuses use. All calls are synchronous on the thread that made the object, so no call is ever in flight at disposal.
 */
export abstract class NativeObject {
  readonly #children = new Set<NativeObject>();
  readonly #parent: NativeObject | null;
  #disposed = false;

  protected constructor(parent: NativeObject | null) {
    parent?.assertAlive();
    this.#parent = parent;
    if (parent !== null) parent.#children.add(this);
  }

  /** Frees what this object alone owns. Called once. */
  protected abstract free(): void;

  get disposed(): boolean {
    return this.#disposed;
  }

  assertAlive(): void {
    if (this.#disposed) throw new NativeError("refused", `${this.constructor.name} was used after it was disposed`);
  }

  dispose(): void {
    if (this.#disposed) return;
    for (const child of [...this.#children].reverse()) child.dispose();
    this.#disposed = true;
    if (this.#parent !== null) this.#parent.#children.delete(this);
    this.free();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
