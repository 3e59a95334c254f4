import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "@arriero/fleet";
import { ArrieroError, page } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type PeopleStore } from "@arriero/store";
import type { PersonAccess } from "../http/access.ts";
import { requireLocalNames } from "../http/access.ts";
import { resetText } from "../mail/mail-texts.ts";
import type { Mail, Mailer } from "../mail/mailer.ts";
import type { StoreDoor } from "../store/store-door.ts";
import type { Auth } from "./auth.ts";
import { requireOwnOrigin } from "./own-origin.ts";
import { type Person, personObjection } from "./person.ts";
import { enterByProvider, SignInRefused } from "./providers/enter-by-provider.ts";
import type { ProviderSettings } from "./providers/provider-settings.ts";
import { Providers } from "./providers/providers.ts";
import { TryLimit } from "./try-limit.ts";

export interface AccountsOptions {
  /** null: this server has no store, and so no accounts. */
  readonly door: StoreDoor | null;
  readonly clock: Clock;
  /** Under which people reach the page. */
  url(): string;
  /** Wanted of whoever makes the owner's account; null: anyone on this machine may. */
  readonly firstVisitToken: string | null;
  /** null: this server sends no mail. */
  readonly mailer: Mailer | null;
  /** Other ways to sign in. */
  readonly providers: readonly ProviderSettings[];
}

/** A session's cookie, to be set or to be taken back. */
export type Cookies = readonly string[];

const TRIES = { most: 10, windowMs: 10 * 60_000 };
/** From one address, under whatever e-mails: an office may share one. */
const ADDRESS_TRIES = { most: 100, windowMs: 10 * 60_000 };
/** The first visit makes the database, which a busy machine takes long for: a person waits rather than reads of a failure. */
const OPENING_MS = 120_000;
/** Mails to one address: more would be a nuisance to whoever has it. */
const MAIL_TRIES = { most: 3, windowMs: 15 * 60_000 };
const RESET_MS = 3_600_000;
const PROVIDER_SECRET = "providers";
const RESET_MARK = "password-reset:";
/** Of a token that went out by mail: whoever has it reads that address. */
const MAILED_MARK = "mailed:";

/** Who people are: sign-in, first visit, invitations, passwords, sessions. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #byEmail: TryLimit;
  readonly #byAddress: TryLimit;
  readonly #byMailed: TryLimit;
  readonly #providers: Providers;
  #auth: Promise<Auth> | null = null;
  #claiming: Promise<void> = Promise.resolve();

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#byEmail = new TryLimit({ clock: options.clock, ...TRIES });
    this.#byAddress = new TryLimit({ clock: options.clock, ...ADDRESS_TRIES });
    this.#byMailed = new TryLimit({ clock: options.clock, ...MAIL_TRIES });
    this.#providers = new Providers({ settings: options.providers, clock: options.clock, link: (path) => this.link(path) });
  }

  get mailer(): Mailer | null {
    return this.#options.mailer;
  }

  /** The page's address with `path` behind it, for links that leave this server. */
  link(path: string): string {
    return this.#options.url().replace(/\/$/, "") + path;
  }

  get providers(): { id: string; name: string }[] {
    return this.#providers.list;
  }

  get wantsToken(): boolean {
    return this.#options.firstVisitToken !== null;
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
      const auth = await this.#ready(pages);
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
  async signIn(
    email: string,
    password: string,
    from: { readonly address: string; readonly userAgent: string },
  ): Promise<Cookies> {
    this.#byAddress.enter(from.address);
    this.#byEmail.enter(email);
    return this.ask(async (pages) => {
      const cookies = await this.#signIn(await this.#ready(pages), email, password, from);
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
      this.#byEmail.forget(email);
      return cookies;
    });
  }

  async signOut(headers: IncomingHttpHeaders): Promise<Cookies> {
    return this.ask(async (pages) => {
      const auth = await this.#ready(pages);
      const { headers: answered } = await auth.api.signOut({
        headers: new Headers({ cookie: headers.cookie ?? "" }),
        returnHeaders: true,
      });
      return answered.getSetCookie();
    });
  }

  /** Makes the owner. Throws forbidden for a wrong token or from another machine where none is wanted, conflict when it is too late. */
  async firstVisit(
    wanted: { readonly name: string; readonly email: string; readonly password: string; readonly token: string | null },
    headers: IncomingHttpHeaders,
    address: string,
  ): Promise<void> {
    const { firstVisitToken } = this.#options;
    this.#byAddress.enter(address);
    if (firstVisitToken === null) requireLocalNames(headers);
    else if (!isSame(wanted.token ?? "", firstVisitToken)) {
      throw new ArrieroError("forbidden", "The token is not the one that this server printed at its start.");
    }
    await this.ask((pages) => {
      // One after the other: somebody who asks again while the database is being made finds that the first one was heard.
      const claimed = this.#claiming.then(() => this.#claim(pages, wanted));
      this.#claiming = claimed.catch(() => undefined);
      return claimed;
    });
  }

  async #claim(pages: PeopleStore, wanted: { readonly name: string; readonly email: string; readonly password: string }) {
    if (!(await pages.people.isFirstVisit()))
      throw new ArrieroError("conflict", "This server has its owner.", { hint: "Sign in." });
    const { internalAdapter } = await (await this.#ready(pages)).$context;
    // Made by a first visit that a crash broke off: it is a member of nothing.
    const left = await internalAdapter.findUserByEmail(wanted.email);
    if (left !== null) await internalAdapter.deleteUser(left.user.id);
    const id = await this.#createPerson(pages, wanted);
    await pages.people.claimServer(id);
    await pages.audit.note({
      organisationId: DEFAULT_ORGANISATION,
      actor: { id, name: wanted.name },
      action: "server.claim",
      target: wanted.email,
    });
  }

  /** Makes the account that an invitation is for, or joins it to the one that has its address and whose password is given. */
  async acceptInvitation(
    { name, password, token }: { readonly token: string; readonly name: string; readonly password: string },
    from: { readonly address: string; readonly userAgent: string },
  ): Promise<string> {
    this.#byAddress.enter(from.address);
    return this.ask(async (pages) => {
      const invitation = await pages.people.invitation(token);
      if (invitation === null) throw noInvitation();
      const { email, organisationId } = invitation;
      if (invitation.personId !== null) {
        this.#byEmail.enter(email);
        const known = await this.#signIn(await this.#ready(pages), email, password, from);
        if (known === null) throw new ArrieroError("unauthorized", `${email} has an account here; this is not its password.`);
      }
      const id = invitation.personId ?? (await this.#createPerson(pages, { name, email, password }));
      if (!(await pages.people.accept(token, id))) throw noInvitation();
      await pages.audit.note({ organisationId, actor: { id, name }, action: "invitation.accept", target: email });
      return email;
    });
  }

  /**
   * Where to send the browser to sign in by a provider, and the cookie that binds the answer to it. Throws not_found,
   * rate_limited, provider_failed, and conflict before there is an owner.
   */
  async beginProvider(id: string, address: string): Promise<{ readonly url: string; readonly cookie: string }> {
    this.#byAddress.enter(address);
    this.#providers.settings(id);
    return this.ask(async ({ people }) => {
      if (await people.isFirstVisit()) throw new ArrieroError("conflict", "This server has no owner yet.");
      return this.#providers.begin(id, await people.secret(PROVIDER_SECRET));
    });
  }

  /** The session of whoever a provider has sent back. Throws not_found, and `SignInRefused` for whoever is not let in. */
  async finishProvider(
    id: string,
    query: URLSearchParams,
    headers: IncomingHttpHeaders,
    from: { readonly address: string; readonly userAgent: string },
  ): Promise<Cookies> {
    const settings = this.#providers.settings(id);
    this.#byAddress.enter(from.address);
    return this.ask(async (pages) => {
      const secret = await pages.people.secret(PROVIDER_SECRET);
      const identity = await this.#providers.finish(id, secret, query, headers.cookie ?? "").catch((thrown: unknown) => {
        const error = ArrieroError.wrap(thrown);
        throw new SignInRefused(error.body.param === "denied" ? "denied" : "failed", error.message);
      });
      const auth = await this.#ready(pages);
      const personId = await enterByProvider({ pages, adapter: (await auth.$context).internalAdapter, settings, identity });
      const opened = await auth.api.openSession({
        body: { personId },
        headers: new Headers({ "user-agent": from.userAgent, "x-forwarded-for": from.address }),
        returnHeaders: true,
      });
      return [...opened.headers.getSetCookie(), this.#providers.ended];
    });
  }

  /** Takes back what `beginProvider` has set. */
  get providerEnded(): string {
    return this.#providers.ended;
  }

  /** Throws unauthorized for a wrong password. Ends all other sessions. */
  async changePassword(person: Person, current: string, wanted: string): Promise<void> {
    this.#byEmail.enter(person.email);
    await this.ask(async (pages) => {
      const { internalAdapter, password } = await (await this.#ready(pages)).$context;
      const account = (await internalAdapter.findAccounts(person.id)).find(({ providerId }) => providerId === "credential");
      const hash = account?.password ?? null;
      if (hash === null || !(await password.verify({ hash, password: current }))) {
        throw new ArrieroError("forbidden", "The password is wrong.", { param: "current" });
      }
      await internalAdapter.updatePassword(person.id, await password.hash(wanted));
      await pages.people.endSessions(person.id, person.sessionId);
    });
  }

  /**
   * Mails a link to set a new password, if the address has an account. The answer is the same, and as quick, where it has
   * none. Throws unsupported where no mail is sent, and rate_limited.
   */
  askReset(email: string, address: string): void {
    const { mailer } = this.#options;
    if (mailer === null) {
      throw new ArrieroError("unsupported", "This server sends no mail.", {
        hint: "Ask an admin for a link to set a new password.",
      });
    }
    this.#byAddress.enter(address);
    this.#byMailed.enter(email);
    mailer.post(this.#resetMail(email));
  }

  async #resetMail(email: string): Promise<Mail | null> {
    const found = await this.ask(async (pages) => {
      const known = await (await this.#ready(pages)).$context.then(({ internalAdapter }) =>
        internalAdapter.findUserByEmail(email),
      );
      return known === null
        ? null
        : { user: known.user, settings: page.Settings.parse(await pages.people.settings(known.user.id)) };
    });
    if (found === null) return null;
    const { token } = await this.resetToken(found.user.id, MAILED_MARK);
    const language = found.settings.language === "es" ? "es" : "en";
    return { to: email, ...resetText(language, { name: found.user.name, link: this.link(`/reset#${token}`) }) };
  }

  /** The token of a link by which this person sets a new password, once, within an hour. */
  async resetToken(personId: string, mark = ""): Promise<{ token: string; expiresAt: number }> {
    const token = randomBytes(24).toString("base64url");
    const expiresAt = this.#options.clock.now() + RESET_MS;
    await this.ask(async (pages) => {
      const { internalAdapter } = await (await this.#ready(pages)).$context;
      await internalAdapter.createVerificationValue({
        identifier: RESET_MARK + digest(token),
        value: mark + personId,
        expiresAt: new Date(expiresAt),
      });
    });
    return { token, expiresAt };
  }

  /** Sets a new password by a link's token and ends all sessions. Throws forbidden. */
  async reset(token: string, wanted: string, address: string): Promise<void> {
    this.#byAddress.enter(address);
    await this.ask(async (pages) => {
      const { internalAdapter, password } = await (await this.#ready(pages)).$context;
      const taken = await pages.people.takeVerification(RESET_MARK + digest(token));
      if (taken === null)
        throw new ArrieroError("forbidden", "The link was used, or is too old.", { hint: "Ask for another one." });
      const wasMailed = taken.startsWith(MAILED_MARK);
      const personId = wasMailed ? taken.slice(MAILED_MARK.length) : taken;
      if (wasMailed) await internalAdapter.updateUser(personId, { emailVerified: true });
      const accounts = await internalAdapter.findAccounts(personId);
      const hash = await password.hash(wanted);
      if (accounts.some(({ providerId }) => providerId === "credential")) await internalAdapter.updatePassword(personId, hash);
      else await internalAdapter.linkAccount(credential(personId, hash));
      await pages.people.endSessions(personId, null);
    });
  }

  /** Cookies; null: wrong. */
  async #signIn(
    auth: Auth,
    email: string,
    password: string,
    from: { readonly address: string; readonly userAgent: string },
  ): Promise<Cookies | null> {
    try {
      const headers = new Headers({ "user-agent": from.userAgent, "x-forwarded-for": from.address });
      const signed = await auth.api.signInEmail({ body: { email, password, rememberMe: true }, headers, returnHeaders: true });
      return signed.headers.getSetCookie();
    } catch (thrown) {
      if (thrown instanceof Error && "statusCode" in thrown && Number(thrown.statusCode) < 500) return null;
      throw thrown;
    }
  }

  async #createPerson(
    pages: PeopleStore,
    { email, name, password }: { name: string; email: string; password: string },
  ): Promise<string> {
    const context = await (await this.#ready(pages)).$context;
    const hash = await context.password.hash(password);
    const user = await context.internalAdapter.createUser({ email, name, emailVerified: false }, { method: "email-password" });
    await context.internalAdapter.linkAccount(credential(user.id, hash));
    return user.id;
  }

  /** Loaded with the first question: a server whose page nobody opens never loads it. */
  #ready(pages: PeopleStore): Promise<Auth> {
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

/** A password, as better-auth keeps its own. */
const credential = (personId: string, hash: string) => ({
  userId: personId,
  providerId: "credential",
  issuer: "local:credential",
  accountId: personId,
  password: hash,
});

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(wanted)));

const noInvitation = (): ArrieroError =>
  new ArrieroError("not_found", "This invitation was used, withdrawn, or is too old.", {
    hint: "Ask whoever invited you for another one.",
  });
