import type { IncomingHttpHeaders } from "node:http";
import { ArrieroError } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type PeopleStore } from "@arriero/store";
import { requireLocalNames } from "../http/access.ts";
import { isSameText } from "./digest.ts";
import { createPerson, type NewPerson } from "./password-account.ts";
import type { PeopleDoor } from "./people-door.ts";
import type { SignInTries } from "./sign-in-tries.ts";

export interface FirstVisitOptions {
  readonly people: PeopleDoor;
  readonly tries: SignInTries;
  /** Wanted of whoever makes the owner's account; null: anyone on this machine may. */
  readonly token: string | null;
}

/** Who comes first makes the owner's account. */
export class FirstVisit {
  readonly #options: FirstVisitOptions;
  #claiming: Promise<void> = Promise.resolve();

  constructor(options: FirstVisitOptions) {
    this.#options = options;
  }

  get wantsToken(): boolean {
    return this.#options.token !== null;
  }

  /** Makes the owner. Throws forbidden for a wrong token or from another machine where none is wanted, conflict when it is too late. */
  async claim(wanted: NewPerson & { readonly token: string | null }, headers: IncomingHttpHeaders, address: string) {
    const { people, token, tries } = this.#options;
    tries.byAddress.enter(address);
    if (token === null) requireLocalNames(headers);
    else if (!isSameText(wanted.token ?? "", token)) {
      throw new ArrieroError("forbidden", "The token is not the one that this server printed at its start.");
    }
    await people.ask((pages) => {
      // One after the other: somebody who asks again while the database is being made finds that the first one was heard.
      const claimed = this.#claiming.then(() => this.#claim(pages, wanted));
      this.#claiming = claimed.catch(() => undefined);
      return claimed;
    });
  }

  async #claim(pages: PeopleStore, wanted: NewPerson): Promise<void> {
    if (!(await pages.people.isFirstVisit()))
      throw new ArrieroError("conflict", "This server has its owner.", { hint: "Sign in." });
    const auth = await this.#options.people.auth(pages);
    const { internalAdapter } = await auth.$context;
    // Made by a first visit that a crash broke off: it is a member of nothing.
    const left = await internalAdapter.findUserByEmail(wanted.email);
    if (left !== null) await internalAdapter.deleteUser(left.user.id);
    const id = await createPerson(auth, wanted);
    await pages.people.claimServer(id);
    await pages.audit.note({
      organisationId: DEFAULT_ORGANISATION,
      actor: { id, name: wanted.name },
      action: "server.claim",
      target: wanted.email,
    });
  }
}
