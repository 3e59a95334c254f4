import type { PriorityClass } from "@arriero/spec";

export interface Queued {
  readonly priority: PriorityClass;
  /** Fairness key. */
  readonly client: string;
}

const CLASSES: readonly PriorityClass[] = ["realtime", "interactive", "batch"];
/** Clients remembered after they left; beyond it the longest gone are forgotten, which costs them nothing. */
const MAX_IDLE_CLIENTS = 4096;

/**
 * Waiting requests: strict between priority classes, fair between clients within one, first come first served within
 * a client. Fairness counts served tokens (Virtual Token Counter, Sheng et al. 2024): who was served least goes next,
 * and a client that comes back starts level with the least served of those waiting, so that idling earns no credit.
 */
export class FairQueue<T extends Queued> {
  readonly #waiting = new Map<PriorityClass, Map<string, T[]>>(CLASSES.map((name) => [name, new Map()]));
  readonly #served = new Map<string, number>();
  readonly #capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** False where the queue is full; nothing was added. */
  push(item: T): boolean {
    if (this.#size >= this.#capacity) return false;
    this.#enter(item, "back");
    return true;
  }

  /** A request that already had a place comes back to the head of its client's line; never refused. */
  pushFront(item: T): void {
    this.#enter(item, "front");
  }

  /** In the order they would be served, without taking any. */
  *inOrder(): Generator<T> {
    for (const name of CLASSES) {
      const lines = [...(this.#waiting.get(name) as Map<string, T[]>)].map(([client, line]) => ({
        line,
        at: 0,
        served: this.#servedBy(client),
      }));
      while (lines.length > 0) {
        lines.sort((a, b) => a.served - b.served || a.at - b.at);
        const next = lines[0] as (typeof lines)[number];
        yield next.line[next.at] as T;
        next.at++;
        // Within one look ahead, clients at the same level take turns.
        next.served += 1;
        if (next.at >= next.line.length) lines.shift();
      }
    }
  }

  remove(item: T): boolean {
    const lines = this.#waiting.get(item.priority) as Map<string, T[]>;
    const line = lines.get(item.client);
    const at = line?.indexOf(item) ?? -1;
    if (line === undefined || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) lines.delete(item.client);
    this.#size--;
    return true;
  }

  /** Charges tokens computed for a client. */
  charge(client: string, tokens: number): void {
    const before = this.#servedBy(client);
    this.#served.delete(client);
    this.#served.set(client, before + tokens);
    if (this.#served.size <= MAX_IDLE_CLIENTS) return;
    for (const known of this.#served.keys()) {
      this.#served.delete(known);
      break;
    }
  }

  #servedBy(client: string): number {
    return this.#served.get(client) ?? 0;
  }

  #enter(item: T, end: "front" | "back"): void {
    const lines = this.#waiting.get(item.priority) as Map<string, T[]>;
    const line = lines.get(item.client);
    if (line === undefined) {
      const levels = [...lines.keys()].map((client) => this.#servedBy(client));
      if (levels.length > 0) this.#served.set(item.client, Math.max(this.#servedBy(item.client), Math.min(...levels)));
      lines.set(item.client, [item]);
    } else if (end === "back") line.push(item);
    else line.unshift(item);
    this.#size++;
  }
}
