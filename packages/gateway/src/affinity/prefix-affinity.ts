import type { Clock } from "@arriero/fleet";
import type { GenerationRequest, HeldPrefixes, PrefixMark, ReplicaAddress } from "@arriero/spec";
import { HeldByPlace, type HeldMark } from "./held-by-place.ts";
import { prefixMarks } from "./prefix-marks.ts";

/** Places remembered at most; those that are gone fall out at the far end. */
const MOST_PLACES = 256;
/** After the end of a request a replica is asked what it holds, once for all requests within this time. */
const ASK_AFTER_MS = 500;

export interface PrefixAffinityOptions {
  /** null: no answer in time. Rejects where the replica is gone or does not know. */
  ask(address: ReplicaAddress): Promise<HeldPrefixes | null>;
  readonly clock: Clock;
}

/** What has become known of a place. */
export interface PlaceChange {
  readonly place: string;
  /** The stored model that it serves, of a replica of ours; else null. */
  readonly model: string | null;
  readonly held: readonly HeldMark[];
  /** Names of what it holds no more; "all": it is gone itself. */
  readonly dropped: readonly string[] | "all";
}

/** The marks of one request, made when somebody first wants them. */
export class RequestMarks {
  readonly #request: Pick<GenerationRequest, "adapter" | "input">;
  readonly promptTokens: number;
  #marks: readonly PrefixMark[] | null = null;

  /** @param promptTokens estimated */
  constructor(request: Pick<GenerationRequest, "adapter" | "input">, promptTokens: number) {
    this.#request = request;
    this.promptTokens = promptTokens;
  }

  /** null until somebody wanted them: nobody chooses by them, so nobody need be told. */
  get made(): readonly PrefixMark[] | null {
    return this.#marks;
  }

  get(): readonly PrefixMark[] {
    this.#marks ??= prefixMarks(this.#request);
    return this.#marks;
  }
}

/**
 * Which replica or backend holds which beginnings of prompts. A replica of ours is asked after each burst of requests, so
 * that what it has evicted is forgotten here too; one that was restarted has another address and starts with nothing. Other
 * servers tell nothing: of them it is assumed that they hold what they were sent lately. Bounded in places and marks.
 */
export class PrefixAffinity {
  readonly #options: PrefixAffinityOptions;
  /** By address or upstream id, least recently used first. */
  readonly #places = new Map<string, HeldByPlace>();
  readonly #asking = new Map<string, () => void>();
  /** Hears of what other gateways want to know; null: there are none. */
  onChange: ((change: PlaceChange) => void) | null = null;

  constructor(options: PrefixAffinityOptions) {
    this.#options = options;
  }

  /** Tokens of the request's prompt that a place need not compute. */
  tokensHeld(place: string, marks: RequestMarks): number {
    // Made also where nothing is known yet: by being asked for they are sent along, and the next turn finds them.
    const made = marks.get();
    return this.#places.get(place)?.tokensHeld(made, this.#options.clock.now()) ?? 0;
  }

  /** What the replicas of one model hold: of the prompt the one that holds most, and the adapters of any. */
  heldByReplicas(model: string, marks: RequestMarks): { prefixTokens: number; adapters: readonly string[] } {
    let prefixTokens = 0;
    const adapters = new Set<string>();
    for (const [name, place] of this.#places) {
      if (place.model !== model) continue;
      prefixTokens = Math.max(prefixTokens, this.tokensHeld(name, marks));
      for (const adapter of place.adapters) adapters.add(adapter);
    }
    return { prefixTokens, adapters: [...adapters] };
  }

  /** This prompt goes to a place; it will hold it. @param model the stored model, where it is a replica of ours */
  sent(place: string, marks: RequestMarks, model: string | null = null): void {
    const held = this.#place(place, model).sent(marks.get(), marks.promptTokens, this.#options.clock.now());
    if (held.length > 0) this.onChange?.({ place, model, held, dropped: [] });
  }

  /** Another gateway tells what has become known of a place. @param at when */
  hear({ dropped, held, model, place }: PlaceChange, at: number): void {
    if (dropped === "all") this.#places.delete(place);
    else this.#place(place, model).heard(held, dropped, at);
  }

  /**
   * A replica of ours has done with this prompt. It may have said meanwhile that it did not hold it yet; now it does, and
   * soon it is asked.
   */
  ended(address: ReplicaAddress, marks: RequestMarks, model: string): void {
    this.sent(address.url, marks, model);
    this.#askSoon(address);
  }

  close(): void {
    for (const cancel of this.#asking.values()) cancel();
    this.#asking.clear();
  }

  #place(name: string, model: string | null): HeldByPlace {
    const place = this.#places.get(name) ?? new HeldByPlace(model);
    this.#places.delete(name);
    this.#places.set(name, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= MOST_PLACES) break;
      this.#places.delete(oldest);
    }
    return place;
  }

  #askSoon(address: ReplicaAddress): void {
    if (this.#asking.has(address.url)) return;
    const { ask, clock } = this.#options;
    const cancel = clock.after(ASK_AFTER_MS, () => {
      this.#asking.delete(address.url);
      const askedAt = clock.now();
      ask(address).then(
        (held) => {
          const place = this.#places.get(address.url);
          if (held === null) return place?.fellSilent();
          const dropped = place?.told(held, askedAt) ?? [];
          if (dropped.length > 0) this.onChange?.({ place: address.url, model: place!.model, held: [], dropped });
        },
        () => {
          this.#places.delete(address.url);
          this.onChange?.({ place: address.url, model: null, held: [], dropped: "all" });
        },
      );
    });
    this.#asking.set(address.url, cancel);
  }
}
