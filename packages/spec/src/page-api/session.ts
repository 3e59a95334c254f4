import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { Email, Organisation, Password, Person, Role } from "./people.ts";
import { Id, Instant, Title } from "./shapes.ts";

const Standing = z.object({ organisation: Organisation, role: Role });

/**
 * What the page shows first.
 * - `first-visit`: there is no account yet; whoever comes now makes the owner's
 * - `signed-out`, `signed-in`
 */
export const SessionAnswer = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("first-visit"),
    version: z.string(),
    /** The server is reachable by others: it printed a token at its start, and wants it. */
    wantsToken: z.boolean(),
  }),
  z.object({
    state: z.literal("signed-out"),
    version: z.string(),
    /** Other ways to sign in. */
    providers: z.array(z.object({ id: Id, name: z.string() })),
    /** A lost password is reset by a mailed link, or by one that an admin hands over. */
    passwordReset: z.enum(["mail", "admin"]),
  }),
  z.object({
    state: z.literal("signed-in"),
    version: z.string(),
    person: Person,
    /** Where this session stands; its role decides what the page offers. */
    standing: Standing,
    /** All that the person is a member of. */
    standings: z.array(Standing),
    /** An admin or owner of the first organisation: models, replicas, organisations and health are theirs. */
    operator: z.boolean(),
    settings: z.lazy(() => Settings),
  }),
]);
export type SessionAnswer = z.infer<typeof SessionAnswer>;

/** A person's own choices. Everything has a default, so that new ones need nothing done. */
export const Settings = z.object({
  language: z.enum(["auto", "en", "es"]).default("auto"),
  theme: z.enum(["system", "light", "dark"]).default("system"),
  /** The model new conversations begin with; null: the server's. */
  model: z.string().max(256).nullable().default(null),
  adapter: z.string().max(256).nullable().default(null),
  /** Enter sends; else Ctrl+Enter does. */
  enterSends: z.boolean().default(true),
});
export type Settings = z.infer<typeof Settings>;

/**
 * Why nobody was let in by a provider; the page is opened with `?refused=` and this.
 * - `denied`: they said no there
 * - `unverified`: the provider does not say that the address is theirs
 * - `taken`: an account here has the address, and never proved it
 * - `not-invited`
 * - `failed`: anything else
 */
export const SignInRefusal = z.enum(["denied", "unverified", "taken", "not-invited", "failed"]);
export type SignInRefusal = z.infer<typeof SignInRefusal>;

export const SignedIn = z.object({
  id: Id,
  /** This very session. */
  current: z.boolean(),
  createdAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type SignedIn = z.infer<typeof SignedIn>;

const Token = z.string().regex(/^[\w-]{16,128}$/, "the token is cut or mistyped");
/** A code as a person reads it from a terminal: `BCDF-GHJK`. */
export const DeviceCode = z.string().regex(/^[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}$/i, "a code looks like BCDF-GHJK");

export const sessionEndpoints = {
  session: endpoint("GET /api/session", "public", {
    answer: SessionAnswer,
    about: "who is signed in, or what there is to sign in by",
  }),
  firstVisit: endpoint("POST /api/auth/first-visit", "public", {
    body: z.object({ name: Title, email: Email, password: Password, token: Token.nullable().default(null) }),
    about: "makes the owner's account and signs in; once",
  }),
  signIn: endpoint("POST /api/auth/sign-in", "public", {
    body: z.object({ email: Email, password: z.string().max(128) }),
    about: "sets the session's cookie; 429 `rate_limited` after ten tries",
  }),
  signOut: endpoint("POST /api/auth/sign-out", "public", { about: "ends this session" }),
  changePassword: endpoint("POST /api/auth/password", "member", {
    body: z.object({ current: z.string().max(128), wanted: Password }),
    about: "sets a new password and ends all other sessions",
  }),
  askReset: endpoint("POST /api/auth/reset", "public", {
    body: z.object({ email: Email }),
    about: "mails a link to set a new password; the answer is the same for an unknown address",
  }),
  reset: endpoint("POST /api/auth/reset/finish", "public", {
    body: z.object({ token: Token, password: Password }),
    about: "sets a new password by a link's token, and ends all sessions",
  }),
  readInvitation: endpoint("POST /api/auth/invitation", "public", {
    body: z.object({ token: Token }),
    answer: z.object({ email: z.string(), organisation: z.string(), role: Role, hasAccount: z.boolean() }),
    about: "what an invitation's token stands for",
  }),
  acceptInvitation: endpoint("POST /api/auth/invitation/accept", "public", {
    body: z.object({ token: Token, name: Title, password: Password }),
    about: "makes the account and signs in; whoever has one gives its password, and joins",
  }),
  startProvider: endpoint("POST /api/auth/provider/{id}", "public", {
    body: z.object({
      to: z.string().max(1000).default("/").describe("the path of the page to come back to; anything else is its start"),
    }),
    answer: z.object({ url: z.string() }),
    about: "where to send the browser to sign in by a provider",
  }),
  providerCallback: endpoint("GET /api/auth/callback/{id}", "public", {
    about: "where the provider sends the browser back to; redirects to the page",
  }),
  changeSettings: endpoint("PATCH /api/settings", "member", {
    // Without the defaults: what is not named stays as it is.
    body: z
      .object({
        language: Settings.shape.language.unwrap(),
        theme: Settings.shape.theme.unwrap(),
        model: Settings.shape.model.unwrap(),
        adapter: Settings.shape.adapter.unwrap(),
        enterSends: z.boolean(),
      })
      .partial(),
    answer: Settings,
    about: "one's own choices",
  }),
  changeStanding: endpoint("POST /api/session/organisation", "member", {
    body: z.object({ organisation: Id }),
    answer: SessionAnswer,
    about: "moves the session to another organisation that one is a member of",
  }),
  listSessions: endpoint("GET /api/sessions", "member", {
    answer: z.object({ entries: z.array(SignedIn) }),
    about: "where one is signed in",
  }),
  endSession: endpoint("DELETE /api/sessions/{id}", "member", { about: "ends one of one's sessions" }),
  startDevice: endpoint("POST /api/device", "public", {
    answer: z.object({
      deviceCode: z.string(),
      userCode: DeviceCode,
      /** Of the page, with the code in it. */
      path: z.string(),
      expiresAt: Instant,
      /** Seconds between two questions. */
      interval: z.int(),
    }),
    about: "begins a sign-in of the command line",
  }),
  readDevice: endpoint("GET /api/device/{code}", "member", {
    answer: z.object({ userCode: DeviceCode, expiresAt: Instant, address: z.string() }),
    about: "what waits to be let in under this code",
  }),
  answerDevice: endpoint("POST /api/device/{code}", "member", {
    body: z.object({ allow: z.boolean() }),
    about: "lets it in with a key of one's own, or not",
  }),
  pollDevice: endpoint("POST /api/device/token", "public", {
    body: z.object({ deviceCode: Token }),
    answer: z.discriminatedUnion("state", [
      z.object({ state: z.literal("waiting") }),
      z.object({ state: z.literal("refused") }),
      z.object({ state: z.literal("allowed"), key: z.string(), email: z.string() }),
    ]),
    about: "the key, once the person has allowed it",
  }),
  endDevice: endpoint("POST /api/device/end", "public", {
    body: z.object({ key: z.string().regex(/^ak_[0-9A-Za-z]{43}$/, "this is no key of a command line") }),
    about: "revokes a person's key that its holder gives back; the answer is the same for one that is not known",
  }),
};
