import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock } from "@arriero/fleet";
import { z } from "zod";
import type { PlaceChange, PrefixAffinity } from "../affinity/prefix-affinity.ts";
import type { RedisLink } from "./redis-link.ts";

const STREAM = "arriero:prefixes";
/** Entries kept in Redis; a gateway that begins reads them. */
const MOST_ENTRIES = 2_048;
const READ_TOGETHER = 64;
/** Between two words to the others, and two looks for theirs. */
const TELL_MS = 50;
const LOOK_MS = 100;
/** Marks that wait to be told; further ones are not. */
const MOST_MARKS = 512;
/** What was told longer ago is not believed of anybody. */
const MEMORY_MS = 300_000;
/** Addresses of this machine, which mean something else on every other. */
const LOOPBACK = /^https?:\/\/(127\.|localhost|\[::1\])/;

const Changes = z.array(
  z.object({
    place: z.string(),
    model: z.string().nullable(),
    held: z.array(z.object({ key: z.string(), tokens: z.number() })),
    dropped: z.union([z.array(z.string()), z.literal("all")]),
  }),
);
const Entries = z.array(z.tuple([z.string(), z.tuple([z.literal("by"), z.string(), z.literal("changes"), z.string()])]));
const Answer = z.array(z.tuple([z.string(), Entries])).nullable();

/**
 * What replicas and other backends hold, between gateways: a stream in Redis to which each adds what is new, and in which it
 * looks for what the others added. Names of beginnings are hashes; no text of a prompt goes there.
 */
export class SharedPrefixes {
  readonly #link: Pick<RedisLink, "isUp" | "send">;
  readonly #clock: Clock;
  readonly #affinity: PrefixAffinity;
  readonly #self = randomUUID();
  readonly #machine = hostname();
  #waiting: PlaceChange[] = [];
  #marks = 0;
  #cancelTell: (() => void) | null = null;
  #cancelLook: (() => void) | null = null;
  #last: string;
  #closed = false;

  constructor(link: Pick<RedisLink, "isUp" | "send">, clock: Clock, affinity: PrefixAffinity) {
    this.#link = link;
    this.#clock = clock;
    this.#affinity = affinity;
    this.#last = `${clock.now() - MEMORY_MS}-0`;
    affinity.onChange = (change) => this.#changed(change);
    this.#lookSoon();
  }

  close(): void {
    this.#closed = true;
    this.#affinity.onChange = null;
    this.#cancelTell?.();
    this.#cancelLook?.();
  }

  #changed(change: PlaceChange): void {
    if (!this.#link.isUp || this.#marks >= MOST_MARKS) return;
    this.#marks += 1 + change.held.length + (change.dropped === "all" ? 0 : change.dropped.length);
    this.#waiting.push({ ...change, place: this.#nameOf(change.place) });
    this.#cancelTell ??= this.#clock.after(TELL_MS, () => void this.#tell());
  }

  async #tell(): Promise<void> {
    this.#cancelTell = null;
    const changes = JSON.stringify(this.#waiting);
    this.#waiting = [];
    this.#marks = 0;
    const bound = ["MAXLEN", "~", String(MOST_ENTRIES)];
    // The link says what is wrong; what the others do not hear costs them a prompt read again.
    await this.#link.send(["XADD", STREAM, ...bound, "*", "by", this.#self, "changes", changes]).catch(() => undefined);
  }

  #lookSoon(): void {
    if (!this.#closed) this.#cancelLook = this.#clock.after(LOOK_MS, () => void this.#look().finally(() => this.#lookSoon()));
  }

  async #look(): Promise<void> {
    try {
      while (this.#link.isUp && (await this.#read()) === READ_TOGETHER);
    } catch {
      // The same; and what is no word of a gateway is passed over.
    }
  }

  /** @returns how many entries there were */
  async #read(): Promise<number> {
    const answer = await this.#link.send(["XREAD", "COUNT", String(READ_TOGETHER), "STREAMS", STREAM, this.#last]);
    const entries = Answer.parse(answer)?.[0]?.[1] ?? [];
    for (const [id, [, by, , changes]] of entries) {
      this.#last = id;
      if (by !== this.#self) this.#hear(changes, Number.parseInt(id, 10));
    }
    return entries.length;
  }

  #hear(text: string, at: number): void {
    for (const change of Changes.parse(JSON.parse(text))) {
      const place = this.#placeOf(change.place);
      if (place !== null) this.#affinity.hear({ ...change, place }, Math.min(at, this.#clock.now()));
    }
  }

  #nameOf(place: string): string {
    return LOOPBACK.test(place) ? `${this.#machine} ${place}` : place;
  }

  /** null: on another machine's loopback. */
  #placeOf(name: string): string | null {
    const [machine = "", place] = name.split(" ", 2);
    return place !== undefined && LOOPBACK.test(place) ? (machine === this.#machine ? place : null) : name;
  }
}
