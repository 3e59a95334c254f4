import { type page, ResidencyPolicy } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { firstOf, type Row, rowsOf } from "../database/query.ts";

/** Whose a thing is: every query of what a person owns asks for both. */
export interface Owner {
  readonly personId: string;
  readonly organisationId: string;
}

/** A person in one organisation. */
export interface Standing {
  readonly organisation: page.Organisation;
  readonly role: page.Role;
  /** Bounds their requests. */
  readonly rules: page.OrganisationRules;
}

/** What `toRules` reads of the organisation `o`. */
const RULES = sql.raw("o.residency, o.budget_micros, o.budget_period, o.token_budget, o.token_budget_period");

/** All of a person's standings, oldest first: a handful. */
export async function standingsOf(database: Database, personId: string): Promise<readonly Standing[]> {
  const rows = await rowsOf(
    database,
    sql`select o.id, o.name, o.admins_read_chats, ${RULES}, m.role
      from arriero.memberships m join arriero.organisations o on o.id = m.organisation_id
      where m.person_id = ${personId} order by m.created_at, o.id limit 100`,
  );
  return rows.map((row) => ({ organisation: toOrganisation(row), role: row["role"] as page.Role, rules: toRules(row) }));
}

export function toOrganisation(row: Row): page.Organisation {
  return { id: row["id"] as string, name: row["name"] as string, adminsReadChats: row["admins_read_chats"] as boolean };
}

export function toRules(row: Row): page.OrganisationRules {
  const period = row["budget_period"] as page.BudgetPeriod | null;
  const tokenPeriod = row["token_budget_period"] as page.BudgetPeriod | null;
  return {
    residency: ResidencyPolicy.parse(row["residency"] ?? {}),
    budget: period === null ? null : { micros: Number(row["budget_micros"]), period },
    tokenBudget: tokenPeriod === null ? null : { tokens: Number(row["token_budget"]), period: tokenPeriod },
  };
}

/** The rules of an organisation; null where there is none of that id. */
export async function rulesOf(database: Database, organisationId: string): Promise<page.OrganisationRules | null> {
  const row = await firstOf(database, sql`select ${RULES} from arriero.organisations o where o.id = ${organisationId}`);
  return row === null ? null : toRules(row);
}
