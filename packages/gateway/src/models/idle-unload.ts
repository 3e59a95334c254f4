import type { Clock } from "@arriero/fleet";
import type { FleetView } from "../routes/fleet.ts";

/** A model that is busy when its time comes is looked at again after this long. */
const BUSY_MS = 1_000;

/**
 * Unloads models that callers asked to keep only for so long. Timers are at most as many as models are loaded: one whose
 * model left otherwise finds nothing to do.
 */
export class IdleUnload {
  readonly #fleet: FleetView;
  readonly #clock: Clock;
  readonly #timers = new Map<string, { readonly at: number; cancel(): void }>();

  constructor(fleet: FleetView, clock: Clock) {
    this.#fleet = fleet;
    this.#clock = clock;
  }

  /** When the model is to leave, in milliseconds since the epoch; null: nothing says so. */
  expiresAt(model: string): number | null {
    return this.#timers.get(model)?.at ?? null;
  }

  /** The model is in use: it does not leave before the next `keep`. */
  hold(model: string): void {
    this.#timers.get(model)?.cancel();
    this.#timers.delete(model);
  }

  /** To be called when a request has ended. `undefined` and "forever" leave it to the server's own order. */
  keep(model: string, ms: number | "forever" | undefined): void {
    this.hold(model);
    if (typeof ms !== "number") return;
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(model);
      if (this.#isBusy(model)) this.keep(model, BUSY_MS);
      else this.#fleet.unload(model).catch(() => undefined);
    });
    this.#timers.set(model, { at: this.#clock.now() + ms, cancel });
  }

  close(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #isBusy(model: string): boolean {
    return this.#fleet.list().some((replica) => replica.model === model && replica.outstanding > 0);
  }
}
