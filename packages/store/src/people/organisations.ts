import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { firstOf, newId, type Row, rowsOf, storable } from "../database/query.ts";
import { rulesOf, toOrganisation, toRules } from "./standing.ts";

export interface OrganisationChange {
  readonly residency?: page.OrganisationRules["residency"] | undefined;
  readonly budget?: page.OrganisationRules["budget"] | undefined;
  readonly tokenBudget?: page.OrganisationRules["tokenBudget"] | undefined;
  readonly name?: string | undefined;
  readonly adminsReadChats?: boolean | undefined;
}

const COLUMNS = sql.raw("o.*, (select count(*) from arriero.memberships m where m.organisation_id = o.id)::int as members");

/** Organisations: whose rules bind what their members and keys ask for. */
export class DatabaseOrganisations {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  rules(id: string): Promise<page.OrganisationRules | null> {
    return rulesOf(this.#database, id);
  }

  async list({ cursor, limit }: PageAsked): Promise<Page<page.OrganisationDetail>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select ${COLUMNS} from arriero.organisations o where (o.created_at, o.id) < (${at}, ${id})
        order by o.created_at desc, o.id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["created_at"]), id: row["id"] as string }), toDetail);
  }

  /** Throws not_found. */
  async read(id: string): Promise<page.OrganisationDetail> {
    const row = await firstOf(this.#database, sql`select ${COLUMNS} from arriero.organisations o where o.id = ${id}`);
    if (row === null) throw new ArrieroError("not_found", "There is no organisation of this id.");
    return toDetail(row);
  }

  async create(name: string, rules: OrganisationChange): Promise<page.OrganisationDetail> {
    const id = newId("org");
    await rowsOf(
      this.#database,
      sql`insert into arriero.organisations (id, name, created_at) values (${id}, ${storable(name)}, ${this.#clock.now()})`,
    );
    return this.change(id, rules);
  }

  /** Only what is named. Throws not_found. */
  async change(id: string, wanted: OrganisationChange): Promise<page.OrganisationDetail> {
    const { adminsReadChats, budget, name, residency, tokenBudget } = wanted;
    const sets = [
      name === undefined ? [] : [sql`name = ${storable(name)}`],
      adminsReadChats === undefined ? [] : [sql`admins_read_chats = ${adminsReadChats}`],
      residency === undefined ? [] : [sql`residency = ${JSON.stringify(residency)}::jsonb`],
      budget === undefined
        ? []
        : [sql`budget_micros = ${budget?.micros ?? null}::bigint, budget_period = ${budget?.period ?? null}::text`],
      tokenBudget === undefined
        ? []
        : [
            sql`token_budget = ${tokenBudget?.tokens ?? null}::bigint, token_budget_period = ${tokenBudget?.period ?? null}::text`,
          ],
    ].flat();
    if (sets.length > 0) {
      await rowsOf(this.#database, sql`update arriero.organisations set ${sql.join(sets, sql`, `)} where id = ${id}`);
    }
    return this.read(id);
  }
}

function toDetail(row: Row): page.OrganisationDetail {
  return { ...toOrganisation(row), ...toRules(row), members: Number(row["members"]), createdAt: Number(row["created_at"]) };
}
