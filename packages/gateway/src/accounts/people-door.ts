import { ArrieroError } from "@arriero/spec";
import type { PeopleStore } from "@arriero/store";
import type { StoreDoor } from "../store/store-door.ts";
import type { Auth } from "./auth.ts";

export interface PeopleDoorOptions {
  /** null: this server has no store, and so no accounts. */
  readonly door: StoreDoor | null;
  /** Under which people reach the page. */
  url(): string;
}

/** The first visit makes the database, which a busy machine takes long for: a person waits rather than reads of a failure. */
const OPENING_MS = 120_000;

/** The store of people, with better-auth over it. */
export class PeopleDoor {
  readonly #options: PeopleDoorOptions;
  #auth: Promise<Auth> | null = null;

  constructor(options: PeopleDoorOptions) {
    this.#options = options;
  }

  /** The page's address with `path` behind it, for links that leave this server. */
  link(path: string): string {
    return this.#options.url().replace(/\/$/, "") + path;
  }

  /** Throws unsupported where there is no store, and store_unavailable. */
  ask<T>(question: (pages: PeopleStore) => Promise<T>): Promise<T> {
    const { door } = this.#options;
    if (door === null) throw new ArrieroError("unsupported", "This server has no accounts: it keeps nothing.");
    door.wake();
    return door.ask(({ pages }) => {
      if (pages === undefined) throw new ArrieroError("unsupported", "This store keeps no accounts.");
      return question(pages);
    }, OPENING_MS);
  }

  /** Loaded with the first question: a server whose page nobody opens never loads it. */
  auth(pages: PeopleStore): Promise<Auth> {
    this.#auth ??= (async () => {
      const { makeAuth } = await import("./auth.ts");
      const secret = await pages.people.secret("cookies");
      return makeAuth({ store: pages.auth, secret, url: this.#options.url() });
    })();
    this.#auth.catch(() => {
      this.#auth = null;
    });
    return this.#auth;
  }
}
