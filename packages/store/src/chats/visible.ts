import { ArrieroError } from "@arriero/spec";
import { type SQL, sql } from "drizzle-orm";
import type { Owner } from "../people/standing.ts";

/** One's own: of the person, within the organisation that the session stands in. `table` is an alias of the query. */
export function isOwn(table: string, { organisationId, personId }: Owner): SQL {
  const of = sql.raw(table);
  return sql`(${of}.person_id = ${personId} and ${of}.organisation_id = ${organisationId})`;
}

/** One's own, and those of the organisation's members where it lets its admins read them and one is such. To read alone. */
export function isReadable(table: string, owner: Owner): SQL {
  const of = sql.raw(table);
  return sql`(${isOwn(table, owner)} or (${of}.organisation_id = ${owner.organisationId} and exists (
    select 1 from arriero.organisations o join arriero.memberships m on m.organisation_id = o.id
    where o.id = ${owner.organisationId} and o.admins_read_chats and m.person_id = ${owner.personId} and m.role in ('owner', 'admin'))))`;
}

/** The same for what is not there and what is somebody else's. */
export const notHere = (what: string): ArrieroError =>
  new ArrieroError("not_found", `There is no ${what} of this id.`, { hint: "It may have been deleted, or it is not yours." });
