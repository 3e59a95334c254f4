import type { page } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type Owner, type Standing } from "@arriero/store";
import type { PersonAccess } from "../http/access.ts";
import { LOCAL, type Principal } from "../http/principal.ts";

/** Somebody signed in, where their session stands. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly createdAt: number;
  readonly sessionId: string;
  readonly standing: Standing;
  readonly standings: readonly Standing[];
}

/** A session's cookie, to be set or to be taken back. */
export type Cookies = readonly string[];

/** Where a request comes from, as a session keeps it. */
export interface From {
  readonly address: string;
  readonly userAgent: string;
}

/** Whose what they make is. */
export const ownerOf = ({ id, standing }: Person): Owner => ({ personId: id, organisationId: standing.organisation.id });

const isAdmin = (role: page.Role): boolean => role === "owner" || role === "admin";

/** Whether they run this server: they are an admin or owner of its first organisation, wherever their session stands. */
export const isKeeper = ({ standings }: Person): boolean =>
  standings.some(({ organisation, role }) => organisation.id === DEFAULT_ORGANISATION && isAdmin(role));

/** What keeps them from a route; null: nothing. */
export function personObjection(access: PersonAccess, person: Person): string | null {
  switch (access) {
    case "member":
      return null;
    case "admin":
      return isAdmin(person.standing.role) ? null : "This is for admins of the organisation.";
    case "keeper":
      return isKeeper(person) ? null : "This is for those who run this server.";
    default:
      return access satisfies never;
  }
}

/** Whom a person's requests are charged to, within their organisation's rules. */
export function principalFor({ organisationId, personId }: Owner, rules: page.OrganisationRules): Principal {
  const { allowedRegions, dataClass } = rules.residency;
  const scopes = { ...LOCAL.scopes, allowedRegions, dataClass };
  return { kind: "person", id: personId, organisation: organisationId, scopes, rules };
}
