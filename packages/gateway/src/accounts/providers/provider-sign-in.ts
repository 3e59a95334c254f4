import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { PeopleStore } from "@arriero/store";
import type { PeopleDoor } from "../people-door.ts";
import type { Cookies, From } from "../person.ts";
import type { SignInTries } from "../sign-in-tries.ts";
import { enterByProvider, SignInRefused } from "./enter-by-provider.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { Providers } from "./providers.ts";
import { refusedPath } from "./return-path.ts";

const SECRET = "providers";

export interface ProviderSignInOptions {
  readonly people: PeopleDoor;
  readonly tries: SignInTries;
  readonly clock: Pick<Clock, "now">;
  readonly settings: readonly ProviderSettings[];
}

/** Where somebody who was at a provider is sent, and what their browser is to keep. */
export interface Returned {
  readonly path: string;
  readonly cookies: Cookies;
}

/** Signing in by a provider, from the page and back to it. */
export class ProviderSignIn {
  readonly #options: ProviderSignInOptions;
  readonly #providers: Providers;

  constructor(options: ProviderSignInOptions) {
    const { clock, people, settings } = options;
    this.#options = options;
    this.#providers = new Providers({ settings, clock, link: (path) => people.link(path) });
  }

  get list(): { id: string; name: string }[] {
    return this.#providers.list;
  }

  /**
   * Where to send the browser, which comes back to the path `to` of the page, and the cookie that binds the answer to it. Throws
   * not_found, rate_limited, provider_failed, and conflict before there is an owner.
   */
  async begin(id: string, to: string, address: string): Promise<{ readonly url: string; readonly cookie: string }> {
    const { people, tries } = this.#options;
    tries.byAddress.enter(address);
    this.#providers.settings(id);
    return people.ask(async (pages) => {
      if (await pages.people.isFirstVisit()) throw new ArrieroError("conflict", "This server has no owner yet.");
      return this.#providers.begin(id, to, await pages.people.secret(SECRET));
    });
  }

  /** Whoever a provider has sent back: signed in, or told why not. Throws not_found and rate_limited. */
  async finish(id: string, query: URLSearchParams, headers: IncomingHttpHeaders, from: From): Promise<Returned> {
    const { people, tries } = this.#options;
    this.#providers.settings(id);
    tries.byAddress.enter(from.address);
    return people.ask(async (pages) => {
      const away = this.#providers.away(id, await pages.people.secret(SECRET), headers.cookie ?? "");
      const path = away?.to ?? "/";
      try {
        if (away === null) throw new SignInRefused("failed", "This sign-in was not begun in this browser, or too long ago.");
        const identity = await this.#providers.finish(id, away, query).catch((thrown: unknown) => {
          const error = ArrieroError.wrap(thrown);
          throw new SignInRefused(error.body.param === "denied" ? "denied" : "failed", error.message);
        });
        return { path, cookies: [...(await this.#open(pages, id, identity, from)), this.#providers.ended] };
      } catch (thrown) {
        if (!(thrown instanceof SignInRefused)) throw thrown;
        return { path: refusedPath(path, thrown.why), cookies: [this.#providers.ended] };
      }
    });
  }

  /** The cookies of a new session. */
  async #open(pages: PeopleStore, id: string, identity: Awaited<ReturnType<Providers["finish"]>>, from: From): Promise<Cookies> {
    const auth = await this.#options.people.auth(pages);
    const settings = this.#providers.settings(id);
    const personId = await enterByProvider({ pages, adapter: (await auth.$context).internalAdapter, settings, identity });
    const headers = new Headers({ "user-agent": from.userAgent, "x-forwarded-for": from.address });
    const opened = await auth.api.openSession({ body: { personId }, headers, returnHeaders: true });
    return opened.headers.getSetCookie();
  }
}
