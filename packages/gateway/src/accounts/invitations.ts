import { ArrieroError } from "@arriero/spec";
import type { PeopleStore } from "@arriero/store";
import { createPerson, isPasswordOf } from "./password-account.ts";
import type { PeopleDoor } from "./people-door.ts";
import type { SignInTries } from "./sign-in-tries.ts";

/** How people come in who were invited, but by a provider's sign-in, which takes what their address was invited to by itself. */
export class Invitations {
  readonly #people: PeopleDoor;
  readonly #tries: SignInTries;

  constructor(people: PeopleDoor, tries: SignInTries) {
    this.#people = people;
    this.#tries = tries;
  }

  /** What the invitation with this token is to. Throws not_found. */
  read(token: string) {
    return this.#people.ask(async ({ people }) => {
      const invitation = await people.invitation(token);
      if (invitation === null) throw noInvitation();
      const { email, organisation, personId, role } = invitation;
      return { email, organisation, role, hasAccount: personId !== null };
    });
  }

  /** Makes the account that an invitation is for, or joins it to the one that has its address and whose password is given; its address. */
  accept(wanted: Accepting, address: string): Promise<string> {
    this.#tries.byAddress.enter(address);
    return this.#people.ask((pages) => this.#accept(pages, wanted, false));
  }

  async #accept(pages: PeopleStore, wanted: Accepting, isAgain: boolean): Promise<string> {
    const { name, password, token } = wanted;
    const invitation = await pages.people.invitation(token);
    if (invitation === null) throw noInvitation();
    const { email, organisationId } = invitation;
    const auth = await this.#people.auth(pages);
    if (invitation.personId !== null) {
      this.#tries.byEmail.enter(email);
      const isTheirs = await isPasswordOf(auth, invitation.personId, password);
      if (!isTheirs) throw new ArrieroError("unauthorized", `${email} has an account here; this is not its password.`);
    }
    let id = invitation.personId;
    try {
      id ??= await createPerson(auth, { name, email, password });
    } catch (thrown) {
      // Somebody who clicked twice is here twice: the other one may have made the account meanwhile.
      if (isAgain) throw thrown;
      return this.#accept(pages, wanted, true);
    }
    if (!(await pages.people.accept(token, id))) throw noInvitation();
    await pages.audit.note({ organisationId, actor: { id, name }, action: "invitation.accept", target: email });
    return email;
  }
}

interface Accepting {
  readonly token: string;
  readonly name: string;
  readonly password: string;
}

const noInvitation = (): ArrieroError =>
  new ArrieroError("not_found", "This invitation was used, withdrawn, or is too old.", {
    hint: "Ask whoever invited you for another one.",
  });
