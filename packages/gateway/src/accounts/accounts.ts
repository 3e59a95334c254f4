import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type PeopleStore } from "@arriero/store";
import type { PersonAccess } from "../http/access.ts";
import type { Mailer } from "../mail/mailer.ts";
import { clientAddress } from "./client-address.ts";
import { FirstVisit } from "./first-visit.ts";
import { Invitations } from "./invitations.ts";
import { requireOwnOrigin } from "./own-origin.ts";
import { enterByPassword } from "./password-account.ts";
import { Passwords } from "./passwords.ts";
import { PeopleDoor, type PeopleDoorOptions } from "./people-door.ts";
import { type Cookies, type From, type Person, personObjection } from "./person.ts";
import type { ProviderSettings } from "./providers/provider-settings.ts";
import { ProviderSignIn } from "./providers/provider-sign-in.ts";
import { SignInTries } from "./sign-in-tries.ts";

export interface AccountsOptions extends PeopleDoorOptions {
  readonly clock: Clock;
  /** Wanted of whoever makes the owner's account; null: anyone on this machine may. */
  readonly firstVisitToken: string | null;
  /** null: this server sends no mail. */
  readonly mailer: Mailer | null;
  /** Other ways to sign in. */
  readonly providers: readonly ProviderSettings[];
  /** How many proxies stand in front of this server. */
  readonly trustedProxies: number;
}

const MOST_USER_AGENT = 300;

/** Who people are: their sessions, and the ways to get one. */
export class Accounts {
  readonly mailer: Mailer | null;
  readonly firstVisit: FirstVisit;
  readonly invitations: Invitations;
  readonly passwords: Passwords;
  readonly providers: ProviderSignIn;
  readonly #people: PeopleDoor;
  readonly #tries: SignInTries;
  readonly #proxies: number;

  constructor(options: AccountsOptions) {
    const { clock, firstVisitToken: token, mailer, providers: settings } = options;
    const people = new PeopleDoor(options);
    const tries = new SignInTries(clock);
    this.mailer = mailer;
    this.#proxies = options.trustedProxies;
    this.#people = people;
    this.#tries = tries;
    this.firstVisit = new FirstVisit({ people, tries, token });
    this.invitations = new Invitations(people, tries);
    this.passwords = new Passwords({ people, tries, clock, mailer });
    this.providers = new ProviderSignIn({ people, tries, clock, settings });
  }

  /** Who makes a request, as tries are counted and sessions are listed by. */
  from({ address, headers }: { readonly address: string; readonly headers: IncomingHttpHeaders }): From {
    return {
      address: clientAddress(address, headers["x-forwarded-for"], this.#proxies),
      userAgent: String(headers["user-agent"] ?? "").slice(0, MOST_USER_AGENT),
    };
  }

  /** The page's address with `path` behind it, for links that leave this server. */
  link(path: string): string {
    return this.#people.link(path);
  }

  /** Throws unsupported where there is no store, and store_unavailable. */
  ask<T>(question: (pages: PeopleStore) => Promise<T>): Promise<T> {
    return this.#people.ask(question);
  }

  /** Lets a signed-in person in. Throws unauthorized, forbidden and store_unavailable. */
  async admit(access: PersonAccess, method: string, headers: IncomingHttpHeaders): Promise<Person> {
    requireOwnOrigin(method, headers);
    const person = await this.find(headers);
    if (person === null) throw new ArrieroError("unauthorized", "Nobody is signed in.", { hint: "Sign in on the page." });
    const objection = personObjection(access, person);
    if (objection !== null) throw new ArrieroError("forbidden", objection);
    return person;
  }

  /** Who is signed in; null: nobody, or nobody who is a member of anything any more. */
  async find(headers: IncomingHttpHeaders): Promise<Person | null> {
    const cookie = headers.cookie ?? "";
    if (!cookie.includes("arriero.session_token=")) return null;
    return this.ask(async (pages) => {
      const auth = await this.#people.auth(pages);
      const found = await auth.api.getSession({ headers: new Headers({ cookie }) });
      if (found === null) return null;
      const { session, user } = found;
      const standings = await pages.people.standings(user.id);
      const standing = standings.find(({ organisation }) => organisation.id === session.organisationId) ?? standings[0];
      if (standing === undefined) return null;
      const { createdAt, email, id, name } = user;
      return { id, name, email, createdAt: createdAt.getTime(), sessionId: session.id, standing, standings };
    });
  }

  /** Throws unauthorized, alike for an unknown address and a wrong password; rate_limited. */
  async signIn(email: string, password: string, from: From): Promise<Cookies> {
    this.#tries.byAddress.enter(from.address);
    this.#tries.byEmail.enter(email);
    return this.ask(async (pages) => {
      const cookies = await enterByPassword(await this.#people.auth(pages), email, password, from);
      if (cookies === null) {
        await pages.audit.note({
          organisationId: DEFAULT_ORGANISATION,
          actor: null,
          action: "sign-in.refused",
          target: email,
          detail: { address: from.address },
        });
        throw new ArrieroError("unauthorized", "The e-mail or the password is wrong.", {
          hint: "Try again, or reset the password.",
        });
      }
      this.#tries.byEmail.forget(email);
      return cookies;
    });
  }

  async signOut(headers: IncomingHttpHeaders): Promise<Cookies> {
    return this.ask(async (pages) => {
      const auth = await this.#people.auth(pages);
      const { headers: answered } = await auth.api.signOut({
        headers: new Headers({ cookie: headers.cookie ?? "" }),
        returnHeaders: true,
      });
      return answered.getSetCookie();
    });
  }
}
