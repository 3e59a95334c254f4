import { systemClock } from "@arriero/fleet";
import type { page } from "@arriero/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, openDatabase, PASSWORD, type PageServer, startPageServer } from "../testing/page-server.ts";

const SETUP_MS = 180_000;
const OTHER_PASSWORD = "alpacas sleep at noon";
const HOUR_MS = 3_600_000;

/** What somebody tries who wants into an account or an organisation that is not theirs. */
describe("nobody comes in by", () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let server: PageServer;
  let owner: Browser;
  let later = 0;
  const clock = { ...systemClock, now: () => Date.now() + later };

  beforeAll(async () => {
    database = await openDatabase();
    const options = { ...database.options, clock: { now: clock.now, after: clock.after } };
    server = await startPageServer({ ...database, options }, { gateway: { clock, trustedProxies: 1 } });
    owner = await server.firstVisit();
  }, SETUP_MS);
  afterAll(async () => {
    await server?.close();
    await database?.close();
  }, SETUP_MS);

  const signIn = (email: string, password: string, headers = {}, browser = new Browser(server.url)) =>
    browser.status("POST /api/auth/sign-in", { email, password }, headers);
  const finish = (token: string, password = OTHER_PASSWORD, headers = {}) =>
    new Browser(server.url).status("POST /api/auth/reset/finish", { token, password }, headers);
  const sessionOf = async (browser: Browser) => {
    const session = await browser.get<page.SessionAnswer>("GET /api/session");
    return session.state === "signed-in" ? session : null;
  };
  const idOf = async (browser: Browser) => (await sessionOf(browser))!.person.id;
  const tokenOf = async (id: string): Promise<string> => {
    const { link } = await owner.get<{ link: string }>(`POST /api/admin/members/${id}/reset-link`);
    return link.split("#")[1]!;
  };

  it("guessing a password: ten tries with an address, wherever they say that they come from", async () => {
    await server.join(owner, "guessed@example.org");
    const from = (address: string) => ({ "x-forwarded-for": address });
    for (let tries = 0; tries < 10; tries++) {
      expect(await signIn("guessed@example.org", "wrong", from(`198.51.100.${tries}`))).toBe(401);
    }
    expect(await signIn("guessed@example.org", PASSWORD, from("203.0.113.1"))).toBe(429);
    later += HOUR_MS;
    expect(await signIn("guessed@example.org", PASSWORD)).toBe(204);
  });

  it("trying many accounts from one place, which shuts nobody else out behind the same proxy", async () => {
    const from = (said: string) => ({ "x-forwarded-for": said });
    for (let tries = 0; tries < 100; tries++) {
      expect(await finish("x".repeat(32), OTHER_PASSWORD, from(`192.0.2.${tries}, 198.51.100.1`))).toBe(403);
    }
    expect(await finish("x".repeat(32), OTHER_PASSWORD, from("192.0.2.200, 198.51.100.1"))).toBe(429);
    expect(await signIn("owner@example.org", PASSWORD, from("198.51.100.1"))).toBe(429);
    expect(await signIn("owner@example.org", PASSWORD, from("198.51.100.2"))).toBe(204);
  });

  it("a session planted before the sign-in", async () => {
    const attacker = await server.join(owner, "attacker@example.org");
    const planted = attacker.cookie;
    const victim = new Browser(server.url);
    victim.cookie = planted;
    expect(await signIn("owner@example.org", PASSWORD, {}, victim)).toBe(204);
    expect(victim.cookie).not.toBe(planted);
    expect((await sessionOf(victim))?.person.email).toBe("owner@example.org");
    expect((await sessionOf(attacker))?.person.email).toBe("attacker@example.org");
    // One that is made up, or signed by nobody.
    for (const cookie of ["arriero.session_token=made-up", `${planted}x`, planted.split(".").slice(0, -1).join(".")]) {
      const browser = new Browser(server.url);
      browser.cookie = cookie;
      expect(await browser.status("GET /api/sessions"), cookie).toBe(401);
      expect(await signIn("owner@example.org", PASSWORD, {}, browser)).toBe(204);
      expect(browser.cookie).not.toBe(cookie);
    }
  });

  it("a link for a new password that was used, is too old, or is one of several of which one was used", async () => {
    const member = await server.join(owner, "forgetful@example.org");
    const id = await idOf(member);
    const [first, second] = [await tokenOf(id), await tokenOf(id)];
    expect(await finish(first)).toBe(204);
    expect(await member.status("GET /api/sessions")).toBe(401);
    expect([await finish(first, PASSWORD), await finish(second, PASSWORD)]).toEqual([403, 403]);
    expect(await signIn("forgetful@example.org", OTHER_PASSWORD)).toBe(204);
    const third = await tokenOf(id);
    const together = await Promise.all([finish(third, PASSWORD), finish(third, PASSWORD), finish(third, PASSWORD)]);
    expect(together.toSorted()).toEqual([204, 403, 403]);
    const fourth = await tokenOf(id);
    later += HOUR_MS;
    expect(await finish(fourth)).toBe(403);
    expect(await signIn("forgetful@example.org", PASSWORD)).toBe(204);
  });

  it("an invitation that was used, withdrawn, replaced or is too old", async () => {
    const invite = async (email: string) => {
      const { invitation, link } = await owner.get<{ invitation: page.Invitation; link: string }>("POST /api/admin/invitations", {
        email,
      });
      return { id: invitation.id, token: link.split("#")[1]! };
    };
    const accept = (token: string) =>
      new Browser(server.url).status("POST /api/auth/invitation/accept", { token, name: "x", password: PASSWORD });
    const used = await invite("once@example.org");
    expect((await Promise.all([accept(used.token), accept(used.token)])).toSorted()).toEqual([204, 404]);
    expect(await accept(used.token)).toBe(404);
    const members = await owner.get<{ entries: page.Member[] }>("GET /api/admin/members?limit=100");
    expect(members.entries.filter(({ email }) => email === "once@example.org")).toHaveLength(1);
    const withdrawn = await invite("withdrawn@example.org");
    expect(await owner.status(`DELETE /api/admin/invitations/${withdrawn.id}`)).toBe(204);
    const replaced = await invite("twice@example.org");
    await invite("twice@example.org");
    const old = await invite("late@example.org");
    later += 8 * 24 * HOUR_MS;
    for (const { token } of [withdrawn, replaced, old]) expect(await accept(token)).toBe(404);
    // Whoever has an account joins with its password alone.
    const joined = await invite("owner@example.org");
    const refused = { token: joined.token, name: "x", password: OTHER_PASSWORD };
    expect(await new Browser(server.url).status("POST /api/auth/invitation/accept", refused)).toBe(401);
  });

  it("being an admin, to what is an owner's", async () => {
    const admin = await server.join(owner, "admin@example.org", "admin");
    const [ownerId, adminId] = [await idOf(owner), await idOf(admin)];
    const role = (id: string, wanted: page.Role) => admin.status(`PATCH /api/admin/members/${id}`, { role: wanted });
    expect([await role(adminId, "owner"), await role(ownerId, "member")]).toEqual([403, 403]);
    expect(await admin.status(`DELETE /api/admin/members/${ownerId}`)).toBe(403);
    expect(await admin.status(`POST /api/admin/members/${ownerId}/reset-link`)).toBe(403);
    expect(await admin.status("PATCH /api/admin/organisation", { adminsReadChats: true })).toBe(403);
    expect(await admin.status("POST /api/admin/invitations", { email: "o@example.org", role: "owner" })).toBe(400);
    // Nobody leaves a server without an owner, be it by themselves.
    expect(await owner.status(`PATCH /api/admin/members/${ownerId}`, { role: "member" })).toBe(409);
    expect(await owner.status(`DELETE /api/admin/members/${ownerId}`)).toBe(409);
  });

  it("being an admin elsewhere, to somebody whom both organisations have", async () => {
    const both = await server.join(owner, "both@example.org");
    const made = await owner.get<{ link: string }>("POST /api/admin/organisations", {
      name: "elsewhere",
      ownerEmail: "their-owner@example.org",
    });
    const theirs = await server.accept(made.link);
    const { link } = await theirs.get<{ link: string }>("POST /api/admin/invitations", { email: "both@example.org" });
    const body = { token: link.split("#")[1], name: "x", password: PASSWORD };
    expect(await new Browser(server.url).status("POST /api/auth/invitation/accept", body)).toBe(204);
    const id = await idOf(both);
    const { key } = await both.get<{ key: string; record: page.PageKey }>("POST /api/keys", { name: "k" });
    const chat = await both.get<{ id: string }>("POST /api/conversations", {});
    // Neither sets the password of an account that opens the other's doors.
    for (const admin of [owner, theirs]) expect(await admin.status(`POST /api/admin/members/${id}/reset-link`)).toBe(403);
    const { entries } = await owner.get<{ entries: page.PageKey[] }>("GET /api/keys?all=true");
    const theirKey = entries.find(({ owner: of }) => of?.id === id)!;
    expect(await theirs.status(`DELETE /api/keys/${theirKey.id}`)).toBe(404);
    expect((await theirs.get<{ entries: unknown[] }>("GET /api/keys?all=true")).entries).toEqual([]);
    expect(await theirs.status(`GET /api/conversations/${chat.id}`)).toBe(404);
    expect(await theirs.status("PATCH /api/admin/organisations/default", { name: "mine" })).toBe(403);
    expect(await theirs.status("POST /api/session/organisation", { organisation: "default" })).toBe(404);
    // Taken out there, they lose nothing here.
    expect(await theirs.status(`DELETE /api/admin/members/${id}`)).toBe(204);
    expect((await sessionOf(both))?.standings).toHaveLength(1);
    const models = await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(200);
  });
});
