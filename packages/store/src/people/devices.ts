import { randomBytes, randomInt } from "node:crypto";
import { ArrieroError } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { firstOf, rowsOf } from "../database/query.ts";
import { digestOfToken } from "./people.ts";
import type { Owner } from "./standing.ts";

const LIFE_MS = 10 * 60_000;
/** Sign-ins of command lines that wait at once: anyone can begin one. */
const MOST_WAITING = 1_000;
/** No vowels, so no words, and none that look like digits. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Sign-ins of command lines (RFC 8628). The code that is polled with is kept by digest. */
export class DatabaseDevices {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Throws rate_limited. */
  async begin(address: string): Promise<{ deviceCode: string; userCode: string; expiresAt: number }> {
    const now = this.#clock.now();
    await rowsOf(this.#database, sql`delete from arriero.device_requests where expires_at < ${now}`);
    const deviceCode = randomBytes(24).toString("base64url");
    const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
    const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
    const made = await firstOf(
      this.#database,
      sql`insert into arriero.device_requests (digest, user_code, address, created_at, expires_at)
        select ${digestOfToken(deviceCode)}, ${userCode}, ${address}, ${now}::bigint, ${now + LIFE_MS}::bigint
        where (select count(*) from arriero.device_requests) < ${MOST_WAITING} on conflict do nothing returning 1 as made`,
    );
    if (made === null) throw new ArrieroError("rate_limited", "Too many command lines wait to be let in.", { retryAfter: 60 });
    return { deviceCode, userCode, expiresAt: now + LIFE_MS };
  }

  /** One that waits for an answer. Throws not_found. */
  async read(userCode: string): Promise<{ userCode: string; expiresAt: number; address: string }> {
    const row = await firstOf(
      this.#database,
      sql`select * from arriero.device_requests where user_code = ${userCode.toUpperCase()} and allowed is null
        and expires_at > ${this.#clock.now()}`,
    );
    if (row === null) throw noSuchCode();
    return { userCode: row["user_code"] as string, expiresAt: Number(row["expires_at"]), address: row["address"] as string };
  }

  /** Once. Throws not_found. */
  async answer(owner: Owner, userCode: string, allowed: boolean): Promise<void> {
    const row = await firstOf(
      this.#database,
      sql`update arriero.device_requests set allowed = ${allowed}, person_id = ${owner.personId}, organisation_id = ${owner.organisationId}
        where user_code = ${userCode.toUpperCase()} and allowed is null and expires_at > ${this.#clock.now()} returning 1 as done`,
    );
    if (row === null) throw noSuchCode();
  }

  /** What became of it; `allowed` and `refused` once, then it is gone. Throws not_found. */
  async poll(deviceCode: string): Promise<"waiting" | "refused" | { readonly owner: Owner }> {
    const digest = digestOfToken(deviceCode);
    const done = await firstOf(
      this.#database,
      sql`delete from arriero.device_requests where digest = ${digest} and allowed is not null and expires_at > ${this.#clock.now()} returning *`,
    );
    if (done !== null) {
      if (done["allowed"] !== true) return "refused";
      return { owner: { personId: done["person_id"] as string, organisationId: done["organisation_id"] as string } };
    }
    const open = await firstOf(
      this.#database,
      sql`select 1 from arriero.device_requests where digest = ${digest} and expires_at > ${this.#clock.now()}`,
    );
    if (open === null) throw noSuchCode();
    return "waiting";
  }
}

const noSuchCode = (): ArrieroError =>
  new ArrieroError("not_found", "No command line waits under this code.", { hint: "Codes live ten minutes: begin again." });
