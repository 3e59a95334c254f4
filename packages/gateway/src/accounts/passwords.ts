import { randomBytes } from "node:crypto";
import type { Clock } from "@arriero/fleet";
import { ArrieroError, page } from "@arriero/spec";
import { resetText } from "../mail/mail-texts.ts";
import type { Mail, Mailer } from "../mail/mailer.ts";
import { digest } from "./digest.ts";
import { isPasswordOf, setPassword } from "./password-account.ts";
import type { PeopleDoor } from "./people-door.ts";
import type { Person } from "./person.ts";
import type { SignInTries } from "./sign-in-tries.ts";

export interface PasswordsOptions {
  readonly people: PeopleDoor;
  readonly tries: SignInTries;
  readonly clock: Pick<Clock, "now">;
  /** null: this server sends no mail. */
  readonly mailer: Mailer | null;
}

const RESET_MS = 3_600_000;
const RESET_MARK = "password-reset:";
/** Of a token that went out by mail: whoever has it reads that address. */
const MAILED_MARK = "mailed:";

/** How a password is changed, and set anew by whoever has forgotten it. */
export class Passwords {
  readonly #options: PasswordsOptions;

  constructor(options: PasswordsOptions) {
    this.#options = options;
  }

  /** Throws forbidden for a wrong password. Ends all other sessions. */
  async change(person: Person, current: string, wanted: string): Promise<void> {
    const { people, tries } = this.#options;
    tries.byEmail.enter(person.email);
    await people.ask(async (pages) => {
      const auth = await people.auth(pages);
      if (!(await isPasswordOf(auth, person.id, current))) {
        throw new ArrieroError("forbidden", "The password is wrong.", { param: "current" });
      }
      await setPassword(auth, person.id, wanted);
      await pages.people.endSessions(person.id, person.sessionId);
    });
  }

  /**
   * Mails a link to set a new password, if the address has an account. The answer is the same, and as quick, where it has
   * none. Throws unsupported where no mail is sent, and rate_limited.
   */
  askReset(email: string, address: string): void {
    const { mailer, tries } = this.#options;
    if (mailer === null) {
      throw new ArrieroError("unsupported", "This server sends no mail.", {
        hint: "Ask an admin for a link to set a new password.",
      });
    }
    tries.byAddress.enter(address);
    tries.byMailed.enter(email);
    mailer.post(this.#resetMail(email));
  }

  async #resetMail(email: string): Promise<Mail | null> {
    const { people } = this.#options;
    const found = await people.ask(async (pages) => {
      const { internalAdapter } = await (await people.auth(pages)).$context;
      const user = (await internalAdapter.findUserByEmail(email))?.user ?? null;
      return user === null ? null : { user, settings: page.Settings.parse(await pages.people.settings(user.id)) };
    });
    if (found === null) return null;
    const { token } = await this.resetToken(found.user.id, MAILED_MARK);
    const language = found.settings.language === "es" ? "es" : "en";
    return { to: email, ...resetText(language, { name: found.user.name, link: people.link(`/reset#${token}`) }) };
  }

  /** The token of a link by which this person sets a new password, once, within an hour. */
  async resetToken(personId: string, mark = ""): Promise<{ token: string; expiresAt: number }> {
    const { clock, people } = this.#options;
    const token = randomBytes(24).toString("base64url");
    const expiresAt = clock.now() + RESET_MS;
    await people.ask(async (pages) => {
      const { internalAdapter } = await (await people.auth(pages)).$context;
      await internalAdapter.createVerificationValue({
        identifier: RESET_MARK + digest(token),
        value: mark + personId,
        expiresAt: new Date(expiresAt),
      });
    });
    return { token, expiresAt };
  }

  /** Sets a new password by a link's token, and ends all sessions and all other such links. Throws forbidden and rate_limited. */
  async reset(token: string, wanted: string, address: string): Promise<void> {
    const { people, tries } = this.#options;
    tries.byAddress.enter(address);
    await people.ask(async (pages) => {
      const auth = await people.auth(pages);
      const taken = await pages.people.takeVerification(RESET_MARK + digest(token));
      if (taken === null)
        throw new ArrieroError("forbidden", "The link was used, or is too old.", { hint: "Ask for another one." });
      const wasMailed = taken.startsWith(MAILED_MARK);
      const personId = wasMailed ? taken.slice(MAILED_MARK.length) : taken;
      if (wasMailed) await (await auth.$context).internalAdapter.updateUser(personId, { emailVerified: true });
      await setPassword(auth, personId, wanted);
      await pages.people.dropVerifications(RESET_MARK, [personId, MAILED_MARK + personId]);
      await pages.people.endSessions(personId, null);
    });
  }
}
