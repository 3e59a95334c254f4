import type { ArrieroError } from "@arriero/spec";

/** An upstream that has just failed a request is not asked again by it for this long: time for others to see it. */
const AVOID_MS = 1_000;

/** Where one request does not go, and until when. */
export class Avoidance {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Upstream id -> milliseconds since the epoch; Infinity: not by this request. */
  get until(): ReadonlyMap<string, number> {
    return this.#until;
  }

  forGood(id: string): void {
    this.#until.set(id, Number.POSITIVE_INFINITY);
  }

  /** A process that is going away never comes back under its name; whoever named a wait is left alone that long. */
  after(id: string, { body, code }: ArrieroError): void {
    if (code === "draining") this.forGood(id);
    else this.#until.set(id, this.#now() + Math.max(AVOID_MS, (body.retryAfter ?? 0) * 1000));
  }
}
