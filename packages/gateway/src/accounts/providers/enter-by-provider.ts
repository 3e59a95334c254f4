import type { page } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type PeopleStore } from "@arriero/store";
import type { Auth } from "../auth.ts";
import { decideEntrance, type Identity } from "./entrance.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** Somebody whom a provider sent back was not let in. `why` is for them, the message for the log. */
export class SignInRefused extends ArrieroError {
  readonly why: page.SignInRefusal;

  constructor(why: page.SignInRefusal, message: string) {
    super("forbidden", message);
    this.name = "SignInRefused";
    this.why = why;
  }
}

export interface Entering {
  readonly pages: PeopleStore;
  readonly adapter: Awaited<Auth["$context"]>["internalAdapter"];
  readonly settings: ProviderSettings;
  readonly identity: Identity;
}

/** As whom somebody comes in; an account and its memberships are made where that is so decided. Throws SignInRefused. */
export async function enterByProvider({ adapter, identity, pages, settings }: Entering): Promise<string> {
  const { email, issuer, subject } = identity;
  const known = await pages.signIns.known({ providerId: settings.id, issuer, subject }, email);
  const entrance = decideEntrance(identity, settings, known);
  const note = (action: string, actor: { id: string; name: string } | null) =>
    pages.audit.note({
      organisationId: DEFAULT_ORGANISATION,
      actor,
      action,
      target: email ?? subject,
      detail: { provider: settings.id, ...(entrance.kind === "refused" ? { why: entrance.why } : {}) },
    });
  const link = (userId: string) => adapter.linkAccount({ userId, providerId: settings.id, issuer, accountId: subject });
  switch (entrance.kind) {
    case "known":
      return memberOf(pages, entrance.personId);
    case "link":
      await memberOf(pages, entrance.personId);
      await link(entrance.personId);
      await adapter.updateUser(entrance.personId, { emailVerified: true });
      await note("sign-in.link", { id: entrance.personId, name: identity.name });
      return entrance.personId;
    case "new": {
      const name = nameOf(identity);
      const user = await adapter.createUser({ email: entrance.email, name, emailVerified: true }, { method: "oauth" });
      await link(user.id);
      const joined = await pages.signIns.acceptAll(entrance.email, user.id);
      if (joined === 0 && entrance.join) await pages.signIns.join(user.id);
      await note("sign-in.new", { id: user.id, name });
      return memberOf(pages, user.id);
    }
    case "refused":
      await note("sign-in.refused", null);
      throw new SignInRefused(entrance.why, `${settings.name}: ${entrance.why}`);
    default:
      return entrance satisfies never;
  }
}

/** Who was taken out of every organisation has an account and nothing to see. */
async function memberOf(pages: PeopleStore, personId: string): Promise<string> {
  if ((await pages.people.standings(personId)).length === 0) throw new SignInRefused("not-invited", "a member of nothing");
  return personId;
}

/** One line, and never nothing. */
function nameOf({ email, name }: Identity): string {
  const line = name
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, 200);
  if (line !== "") return line;
  if (email === null) throw new ArrieroError("internal", "An account is made without an address.");
  return email.slice(0, email.indexOf("@"));
}
