import { createHash, randomBytes } from "node:crypto";
import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database, Transaction } from "../database/database.ts";
import { firstOf, inTransaction, newId, type Row, rowsOf, storable } from "../database/query.ts";
import { DEFAULT_ORGANISATION } from "../keys/api-key.ts";
import { type Owner, type Standing, standingsOf } from "./standing.ts";

const INVITATION_MS = 7 * 86_400_000;
const TOKEN_BYTES = 24;

export const digestOfToken = (token: string): string => createHash("sha256").update(token).digest("hex");
const newToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");

/** People in organisations, and how they come there. Who somebody is, is better-auth's. */
export class DatabasePeople {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** No account was made yet. */
  async isFirstVisit(): Promise<boolean> {
    const row = await firstOf(this.#database, sql`select 1 from arriero.people limit 1`);
    return row === null;
  }

  standings(personId: string): Promise<readonly Standing[]> {
    return standingsOf(this.#database, personId);
  }

  /**
   * Makes this person the owner of the first organisation. Throws conflict where it has one: of two who come first at the
   * same moment one is.
   */
  async claimServer(personId: string): Promise<void> {
    const made = await inTransaction(this.#database, async (tx) => {
      // In a statement of its own: what one sees that waited for the lock is as old as its beginning.
      await tx.execute(sql`select 1 from arriero.organisations where id = ${DEFAULT_ORGANISATION} for update`);
      return firstOf(
        tx,
        sql`insert into arriero.memberships (person_id, organisation_id, role, created_at)
          select ${personId}, id, 'owner', ${this.#clock.now()}::bigint from arriero.organisations o
          where o.id = ${DEFAULT_ORGANISATION} and not exists (select 1 from arriero.memberships m where m.organisation_id = o.id)
          returning 1 as made`,
      );
    });
    if (made === null) throw new ArrieroError("conflict", "This server has its owner.", { hint: "Ask them for an invitation." });
  }

  async members(organisationId: string, { cursor, limit }: PageAsked): Promise<Page<page.Member>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select p.id, p.name, p.email, p.created_at, m.role, m.created_at as joined_at,
          (select max(s.updated_at) from arriero.sessions s where s.person_id = p.id) as seen_at
        from arriero.memberships m join arriero.people p on p.id = m.person_id
        where m.organisation_id = ${organisationId} and (m.created_at, p.id) < (${at}, ${id})
        order by m.created_at desc, p.id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["joined_at"]), id: row["id"] as string }), toMember);
  }

  /**
   * Throws not_found for who is no member here, forbidden where an admin would make or unmake an owner, conflict where the
   * last owner would go.
   */
  async changeRole(by: Owner, personId: string, role: page.Role): Promise<page.Member> {
    return inTransaction(this.#database, async (tx) => {
      await this.#checkMayChange(tx, by, personId, role);
      await tx.execute(
        sql`update arriero.memberships set role = ${role} where person_id = ${personId} and organisation_id = ${by.organisationId}`,
      );
      const row = await firstOf(
        tx,
        sql`select p.id, p.name, p.email, p.created_at, m.role, null as seen_at
          from arriero.memberships m join arriero.people p on p.id = m.person_id
          where m.organisation_id = ${by.organisationId} and p.id = ${personId}`,
      );
      return toMember(row!);
    });
  }

  /** With their keys and sessions of this organisation. Errors as `changeRole`. */
  async removeMember(by: Owner, personId: string): Promise<void> {
    const now = this.#clock.now();
    await inTransaction(this.#database, async (tx) => {
      await this.#checkMayChange(tx, by, personId, null);
      const who = sql`person_id = ${personId} and organisation_id = ${by.organisationId}`;
      await tx.execute(sql`delete from arriero.memberships where ${who}`);
      await tx.execute(sql`update arriero.api_keys set revoked_at = ${now} where ${who} and revoked_at is null`);
      await tx.execute(sql`delete from arriero.sessions where ${who}`);
    });
  }

  /** All rows are locked first, so that two owners who remove each other do not both succeed. */
  async #checkMayChange(tx: Transaction, by: Owner, personId: string, role: page.Role | null): Promise<void> {
    const rows = await rowsOf(
      tx,
      sql`select person_id, role from arriero.memberships where organisation_id = ${by.organisationId} order by person_id for update`,
    );
    const roleOf = (id: string) => rows.find((row) => row["person_id"] === id)?.["role"] as page.Role | undefined;
    const before = roleOf(personId);
    if (before === undefined) throw noMember();
    const touchesOwner = before === "owner" || role === "owner";
    if (touchesOwner && roleOf(by.personId) !== "owner") {
      throw new ArrieroError("forbidden", "Only an owner makes or unmakes owners.");
    }
    const owners = rows.filter((row) => row["role"] === "owner").length;
    if (before === "owner" && role !== "owner" && owners === 1) {
      throw new ArrieroError("conflict", "The last owner stays.", { hint: "Make somebody else an owner first." });
    }
  }

  async invitations(organisationId: string, { cursor, limit }: PageAsked): Promise<Page<page.Invitation>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select * from arriero.invitations where organisation_id = ${organisationId} and (created_at, id) < (${at}, ${id})
        order by created_at desc, id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["created_at"]), id: row["id"] as string }), toInvitation);
  }

  /** The token is in the answer and nowhere else. Another one for the same address is taken back. */
  async invite(organisationId: string, email: string, role: page.Role) {
    const token = newToken();
    const now = this.#clock.now();
    return inTransaction(this.#database, async (tx) => {
      await tx.execute(
        sql`delete from arriero.invitations where organisation_id = ${organisationId} and email = ${email} and accepted_at is null`,
      );
      const row = await firstOf(
        tx,
        sql`insert into arriero.invitations (id, organisation_id, email, role, digest, created_at, expires_at)
          values (${newId("inv")}, ${organisationId}, ${email}, ${role}, ${digestOfToken(token)}, ${now}, ${now + INVITATION_MS})
          returning *`,
      );
      return { token, invitation: toInvitation(row!) };
    });
  }

  /** Throws not_found. */
  async withdraw(organisationId: string, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.invitations where id = ${id} and organisation_id = ${organisationId} and accepted_at is null
        returning id`,
    );
    if (gone === null) throw new ArrieroError("not_found", "There is no open invitation of this id.");
  }

  /** What a token stands for while it is good; null: nothing. */
  async invitation(token: string) {
    const row = await firstOf(
      this.#database,
      sql`select i.id, i.email, i.role, i.organisation_id, o.name as organisation, p.id as person_id
        from arriero.invitations i join arriero.organisations o on o.id = i.organisation_id
        left join arriero.people p on p.email = i.email
        where i.digest = ${digestOfToken(token)} and i.accepted_at is null and i.expires_at > ${this.#clock.now()}`,
    );
    if (row === null) return null;
    return {
      email: row["email"] as string,
      role: row["role"] as page.Role,
      organisationId: row["organisation_id"] as string,
      organisation: row["organisation"] as string,
      personId: row["person_id"] as string | null,
    };
  }

  /** Once: false where it was used or withdrawn meanwhile. */
  async accept(token: string, personId: string): Promise<boolean> {
    const now = this.#clock.now();
    const row = await firstOf(
      this.#database,
      sql`with used as (
          update arriero.invitations set accepted_at = ${now}
          where digest = ${digestOfToken(token)} and accepted_at is null and expires_at > ${now} returning organisation_id, role
        )
        insert into arriero.memberships (person_id, organisation_id, role, created_at)
        select ${personId}, organisation_id, role, ${now} from used
        on conflict (person_id, organisation_id) do update set role = arriero.memberships.role
        returning organisation_id`,
    );
    return row !== null;
  }

  /** Where somebody is signed in, latest first. */
  async sessions(personId: string) {
    const rows = await rowsOf(
      this.#database,
      sql`select * from arriero.sessions where person_id = ${personId} and expires_at > now() order by updated_at desc limit 200`,
    );
    return rows.map((row) => ({
      id: row["id"] as string,
      createdAt: Date.parse(String(row["created_at"])),
      lastSeenAt: Date.parse(String(row["updated_at"])),
      expiresAt: Date.parse(String(row["expires_at"])),
      address: row["address"] as string | null,
      userAgent: row["user_agent"] as string | null,
    }));
  }

  /** One of this person's. Throws not_found. */
  async endSession(personId: string, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.sessions where id = ${id} and person_id = ${personId} returning id`,
    );
    if (gone === null) throw new ArrieroError("not_found", "There is no session of this id.");
  }

  /** All of a person's but `kept`. */
  async endSessions(personId: string, kept: string | null): Promise<void> {
    await rowsOf(this.#database, sql`delete from arriero.sessions where person_id = ${personId} and id is distinct from ${kept}`);
  }

  /** Moves a session to another organisation of its person's. Throws not_found. */
  async moveSession(personId: string, sessionId: string, organisationId: string): Promise<void> {
    const moved = await firstOf(
      this.#database,
      sql`update arriero.sessions s set organisation_id = ${organisationId} where s.id = ${sessionId} and s.person_id = ${personId}
        and exists (select 1 from arriero.memberships m where m.person_id = ${personId} and m.organisation_id = ${organisationId})
        returning s.id`,
    );
    if (moved === null) throw new ArrieroError("not_found", "You are in no organisation of this id.");
  }

  /** The value kept under an identifier that nobody guesses, once; null: there is none, or it is too old. */
  async takeVerification(identifier: string): Promise<string | null> {
    const row = await firstOf(
      this.#database,
      sql`delete from arriero.verifications where identifier = ${identifier} returning value, expires_at > ${new Date(this.#clock.now()).toISOString()}::timestamptz as good`,
    );
    return row?.["good"] === true ? (row["value"] as string) : null;
  }

  /** Ends all that begin with `mark` and are for one of `values`: none of them can be taken any more. */
  async dropVerifications(mark: string, values: readonly string[]): Promise<void> {
    await rowsOf(
      this.#database,
      sql`delete from arriero.verifications where starts_with(identifier, ${mark})
        and value in (select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`,
    );
  }

  /** A secret of this installation, made when it is first asked for. */
  async secret(name: string): Promise<string> {
    const fresh = randomBytes(32).toString("base64url");
    await rowsOf(this.#database, sql`insert into arriero.secrets values (${name}, ${fresh}) on conflict do nothing`);
    const row = await firstOf(this.#database, sql`select value from arriero.secrets where name = ${name}`);
    return row?.["value"] as string;
  }

  /** Names of people, for lists that have ids. */
  async names(organisationId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await rowsOf(
      this.#database,
      sql`select p.id, p.name from arriero.people p join arriero.memberships m on m.person_id = p.id
        where m.organisation_id = ${organisationId} limit 10000`,
    );
    return new Map(rows.map((row) => [row["id"] as string, row["name"] as string]));
  }

  /** Who has this address; null: nobody. */
  async byEmail(email: string): Promise<string | null> {
    return ((await firstOf(this.#database, sql`select id from arriero.people where email = ${email}`))?.["id"] as string) ?? null;
  }

  /** Throws not_found for who is no member. */
  async roleOf(organisationId: string, personId: string): Promise<page.Role> {
    const row = await firstOf(
      this.#database,
      sql`select role from arriero.memberships where organisation_id = ${organisationId} and person_id = ${personId}`,
    );
    if (row === null) throw noMember();
    return row["role"] as page.Role;
  }

  /** Whether a person is in another organisation too. */
  async isElsewhere(organisationId: string, personId: string): Promise<boolean> {
    const row = await firstOf(
      this.#database,
      sql`select 1 from arriero.memberships where organisation_id <> ${organisationId} and person_id = ${personId} limit 1`,
    );
    return row !== null;
  }

  async email(personId: string): Promise<string | null> {
    return (
      ((await firstOf(this.#database, sql`select email from arriero.people where id = ${personId}`))?.["email"] as string) ?? null
    );
  }

  /** Merges what is named. */
  async changeSettings(personId: string, change: Readonly<Record<string, unknown>>): Promise<unknown> {
    const row = await firstOf(
      this.#database,
      sql`update arriero.people set settings = settings || ${storable(JSON.stringify(change))}::jsonb where id = ${personId}
        returning settings`,
    );
    return row?.["settings"] ?? {};
  }

  async settings(personId: string): Promise<unknown> {
    return (await firstOf(this.#database, sql`select settings from arriero.people where id = ${personId}`))?.["settings"] ?? {};
  }
}

const noMember = (): ArrieroError => new ArrieroError("not_found", "There is no member of this id.");

function toMember(row: Row): page.Member {
  const seen = row["seen_at"];
  return {
    id: row["id"] as string,
    name: row["name"] as string,
    email: row["email"] as string,
    createdAt: Date.parse(String(row["created_at"])),
    role: row["role"] as page.Role,
    lastSeenAt: seen === null ? null : Date.parse(String(seen)),
  };
}

function toInvitation(row: Row): page.Invitation {
  return {
    id: row["id"] as string,
    email: row["email"] as string,
    role: row["role"] as page.Role,
    createdAt: Number(row["created_at"]),
    expiresAt: Number(row["expires_at"]),
    acceptedAt: row["accepted_at"] === null ? null : Number(row["accepted_at"]),
  };
}
