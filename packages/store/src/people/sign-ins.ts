import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { firstOf, rowsOf } from "../database/query.ts";
import { DEFAULT_ORGANISATION } from "../keys/api-key.ts";

/** Who somebody is at a provider: `subject` is unique and for ever there, an e-mail is neither. */
export interface Subject {
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
}

/** What is known of somebody who comes by a provider. */
export interface KnownSubject {
  /** Whose sign-in this is; null: nobody's yet. */
  readonly personId: string | null;
  /** Who has the address here. `proven`: they have shown before that they read it. */
  readonly byEmail: { readonly personId: string; readonly proven: boolean } | null;
  /** An invitation of this address waits. */
  readonly invited: boolean;
}

/** Sign-ins by providers, as far as better-auth's own tables do not tell. */
export class DatabaseSignIns {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async known({ issuer, providerId, subject }: Subject, email: string | null): Promise<KnownSubject> {
    const row = await firstOf(
      this.#database,
      sql`select (select person_id from arriero.sign_ins
            where provider_id = ${providerId} and issuer = ${issuer} and account_id = ${subject}) as person_id,
          (select id from arriero.people where email = ${email}) as by_email,
          (select email_verified from arriero.people where email = ${email}) as proven,
          exists (select 1 from arriero.invitations
            where email = ${email} and accepted_at is null and expires_at > ${this.#clock.now()}) as invited`,
    );
    const byEmail = row?.["by_email"] as string | null | undefined;
    return {
      personId: (row?.["person_id"] as string | null | undefined) ?? null,
      byEmail: byEmail == null ? null : { personId: byEmail, proven: row?.["proven"] === true },
      invited: row?.["invited"] === true,
    };
  }

  /** Takes up all invitations of an address that this person has proven to be theirs; to how many organisations. */
  async acceptAll(email: string, personId: string): Promise<number> {
    const now = this.#clock.now();
    const rows = await rowsOf(
      this.#database,
      sql`with used as (
          update arriero.invitations set accepted_at = ${now}
          where email = ${email} and accepted_at is null and expires_at > ${now} returning organisation_id, role
        )
        insert into arriero.memberships (person_id, organisation_id, role, created_at)
        select ${personId}, organisation_id, role, ${now} from used
        on conflict (person_id, organisation_id) do update set role = arriero.memberships.role
        returning organisation_id`,
    );
    return rows.length;
  }

  /** Makes them a member of the first organisation. */
  async join(personId: string): Promise<void> {
    await rowsOf(
      this.#database,
      sql`insert into arriero.memberships (person_id, organisation_id, role, created_at)
        values (${personId}, ${DEFAULT_ORGANISATION}, 'member', ${this.#clock.now()}) on conflict do nothing`,
    );
  }
}
