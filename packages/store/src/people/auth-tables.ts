import { boolean, jsonb, pgSchema, text, timestamp } from "drizzle-orm/pg-core";
import type { Database } from "../database/database.ts";

const arriero = pgSchema("arriero");
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const created = () => instant("created_at").notNull().defaultNow();
const updated = () => instant("updated_at").notNull().defaultNow();

/** What better-auth reads and writes, under the names that it has for its tables and fields. */
export const authTables = {
  user: arriero.table("people", {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    email: text("email").notNull(),
    emailVerified: boolean("email_verified").notNull().default(false),
    image: text("image"),
    settings: jsonb("settings").notNull().default({}),
    createdAt: created(),
    updatedAt: updated(),
  }),
  session: arriero.table("sessions", {
    id: text("id").primaryKey(),
    userId: text("person_id").notNull(),
    token: text("token").notNull(),
    organisationId: text("organisation_id"),
    ipAddress: text("address"),
    userAgent: text("user_agent"),
    expiresAt: instant("expires_at").notNull(),
    createdAt: created(),
    updatedAt: updated(),
  }),
  account: arriero.table("sign_ins", {
    id: text("id").primaryKey(),
    userId: text("person_id").notNull(),
    providerId: text("provider_id").notNull(),
    issuer: text("issuer").notNull(),
    accountId: text("account_id").notNull(),
    password: text("password"),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: instant("access_token_expires_at"),
    refreshTokenExpiresAt: instant("refresh_token_expires_at"),
    scope: text("scope"),
    createdAt: created(),
    updatedAt: updated(),
  }),
  verification: arriero.table("verifications", {
    id: text("id").primaryKey(),
    identifier: text("identifier").notNull(),
    value: text("value").notNull(),
    expiresAt: instant("expires_at").notNull(),
    createdAt: created(),
    updatedAt: updated(),
  }),
};

/** What better-auth's adapter is made of. */
export interface AuthDatabase {
  readonly database: Database;
  readonly tables: typeof authTables;
}
