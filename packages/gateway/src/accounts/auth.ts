import { randomBytes } from "node:crypto";
import type { AuthDatabase } from "@arriero/store";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { sessionOpener } from "./open-session.ts";

const DAY_S = 86_400;

const MARKS: Readonly<Record<string, string>> = { user: "usr", session: "ses", account: "acc", verification: "ver" };

export interface AuthOptions {
  readonly store: AuthDatabase;
  /** Signs the cookies; the same at every gateway and every start. */
  readonly secret: string;
  readonly url: string;
}

/**
 * better-auth: passwords, sessions and their cookie. Its own routes are not served: ours call it, so that every route there
 * is stands in our table. Accounts are made by the first visit and by invitations alone, and never linked by a bare e-mail.
 */
export function makeAuth({ secret, store, url }: AuthOptions) {
  return betterAuth({
    appName: "Arriero",
    baseURL: url,
    secret,
    database: drizzleAdapter(store.database, { provider: "pg", schema: store.tables }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 128, autoSignIn: false },
    account: { accountLinking: { enabled: true, trustedProviders: [] } },
    session: {
      expiresIn: 30 * DAY_S,
      updateAge: DAY_S,
      // A session that was ended opens nothing from then on.
      cookieCache: { enabled: false },
      additionalFields: { organisationId: { type: "string", required: false, input: false } },
    },
    advanced: {
      cookiePrefix: "arriero",
      useSecureCookies: url.startsWith("https:"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
      database: { generateId: ({ model }) => `${MARKS[model] ?? "id"}_${randomBytes(12).toString("hex")}` },
    },
    // Ours counts tries, on all routes and by e-mail too.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [sessionOpener],
    logger: { disabled: true },
  });
}

export type Auth = ReturnType<typeof makeAuth>;
