import { randomUUID } from "node:crypto";
import { ArrieroError, page } from "@arriero/spec";
import type { Handlers } from "./routes.ts";
import type { Account, World } from "./world.ts";

/** Makes an account; the first is the owner's. */
export function addAccount(world: World, name: string, email: string, password: string): Account {
  const account: Account = {
    person: { id: world.nextId("usr"), name, email, createdAt: world.now() },
    password,
    role: world.accounts.length === 0 ? "owner" : "member",
    settings: page.Settings.parse({}),
  };
  world.accounts.push(account);
  return account;
}

/** The cookie of a new session. */
export function beginSession(world: World, account: Account): string {
  const token = randomUUID();
  world.sessions.set(token, account.person.id);
  return token;
}

export function sessionAnswer(world: World, me: Account | undefined): page.SessionAnswer {
  const version = "0.1.0";
  if (world.accounts.length === 0) return { state: "first-visit", version, wantsToken: false };
  if (!me) return { state: "signed-out", version, providers: [], passwordReset: "admin" };
  const { id, name, adminsReadChats } = world.organisation;
  const standing = { organisation: { id, name, adminsReadChats }, role: me.role };
  return {
    state: "signed-in",
    version,
    person: me.person,
    standing,
    standings: [standing],
    operator: me.role !== "member",
    settings: me.settings,
  };
}

const setCookie = (token: string) => `arriero_session=${token}; HttpOnly; SameSite=Lax; Path=/`;

export const sessionRoutes: Handlers = {
  session: ({ world, me }) => sessionAnswer(world, me),
  firstVisit: ({ world, body, response }) => {
    if (world.accounts.length > 0) throw new ArrieroError("invalid_request", "This server has an owner already.");
    const account = addAccount(world, body.name, body.email, body.password);
    response.setHeader("set-cookie", setCookie(beginSession(world, account)));
    return undefined;
  },
  signIn: ({ world, body, response }) => {
    const account = world.accounts.find((one) => one.person.email === body.email && one.password === body.password);
    if (!account) throw new ArrieroError("unauthorized", "This address and password belong to no account.");
    response.setHeader("set-cookie", setCookie(beginSession(world, account)));
    return undefined;
  },
  signOut: ({ response }) => {
    response.setHeader("set-cookie", "arriero_session=; Max-Age=0; Path=/");
    return undefined;
  },
  changeSettings: ({ me, body }) => {
    Object.assign(me.settings, body);
    return me.settings;
  },
  changePassword: ({ me, body }) => {
    if (me.password !== body.current) throw new ArrieroError("invalid_request", "The current password is another one.");
    me.password = body.wanted;
    return undefined;
  },
  listSessions: ({ world }) => ({
    entries: [
      {
        id: "ses_1",
        current: true,
        createdAt: world.now(),
        lastSeenAt: world.now(),
        expiresAt: world.now() + 86_400_000,
        address: "127.0.0.1",
        userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
      },
    ],
  }),
};
