import type { page } from "@arriero/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OidcProvider, startOidcProvider, Traveller } from "../../testing/oidc-provider.ts";
import { type Browser, openDatabase, type PageServer, startPageServer } from "../../testing/page-server.ts";
import type { ProviderSettings } from "./provider-settings.ts";

const SETUP_MS = 180_000;

describe("signing in by a real provider", () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let provider: OidcProvider;
  let server: PageServer;
  let owner: Browser;

  beforeAll(async () => {
    database = await openDatabase();
    provider = await startOidcProvider();
    process.env["ARRIERO_TEST_OIDC"] = provider.client.secret;
    const settings: ProviderSettings = {
      id: "company",
      name: "Company",
      issuer: provider.issuer,
      clientId: provider.client.id,
      clientSecret: "env:ARRIERO_TEST_OIDC",
      linkByEmail: false,
      join: false,
      domains: [],
    };
    const more = { ...settings, name: "Other" };
    server = await startPageServer(database, {
      gateway: {
        providers: [
          settings,
          { ...more, id: "ruling", linkByEmail: true },
          { ...more, id: "open", join: true, domains: ["example.org"] },
        ],
      },
    });
    provider.open(["company", "ruling", "open"].map((id) => `${server.url}/api/auth/callback/${id}`));
    owner = await server.firstVisit();
  }, SETUP_MS);
  afterAll(async () => {
    await server?.close();
    await provider?.close();
    await database?.close();
  }, SETUP_MS);

  const begin = async (browser: Traveller, id: string, to?: string): Promise<string> => {
    const started = await browser.ask(`${server.url}/api/auth/provider/${id}`, {
      method: "POST",
      headers: { origin: server.url, "content-type": "application/json" },
      body: JSON.stringify({ to }),
    });
    expect(started.status).toBe(200);
    return ((await started.json()) as { url: string }).url;
  };
  const isCallback = (url: URL) => url.pathname.startsWith("/api/auth/callback/");
  const isHome = (url: URL) => url.origin === server.url && url.pathname === "/";
  /** Where the server sends the browser in the end, and who it is then. */
  const signIn = async (id: string, subject: string | null, browser = new Traveller()) => {
    provider.signsIn(subject);
    const end = await browser.follow(await begin(browser, id), isHome);
    const session = (await (await browser.ask(`${server.url}/api/session`)).json()) as page.SessionAnswer;
    return { refused: end.searchParams.get("refused"), session };
  };
  const person = (id: string, email: string, verified = true): string => {
    provider.people.set(id, { name: "Ana Quispe", email, email_verified: verified });
    return id;
  };
  const invite = (email: string) => owner.get("POST /api/admin/invitations", { email, role: "admin" });

  it("is offered to whoever is signed out", async () => {
    const session = await (await fetch(`${server.url}/api/session`)).json();
    expect(session).toMatchObject({ state: "signed-out", providers: [{ id: "company", name: "Company" }, {}, {}] });
  });

  it("lets somebody in who was invited, in the role of the invitation, and knows them again", async () => {
    await invite("ana@example.org");
    const ana = person("sub-ana", "Ana@Example.org");
    const first = await signIn("company", ana);
    expect(first).toMatchObject({
      refused: null,
      session: { state: "signed-in", person: { name: "Ana Quispe", email: "ana@example.org" }, standing: { role: "admin" } },
    });
    // The subject counts from then on: an address may change hands.
    person("sub-ana", "other@example.org", false);
    const again = await signIn("company", ana);
    expect(again.session).toMatchObject({ state: "signed-in", person: { email: "ana@example.org" } });
    // Another provider's subject of the same name is somebody else.
    expect((await signIn("open", ana)).refused).toBe("unverified");
  });

  it("brings people back to where they were, let in or not, and nowhere else", async () => {
    const isBack = (url: URL) => url.origin === server.url && !url.pathname.startsWith("/api/");
    const back = async (subject: string | null, to: string): Promise<string> => {
      const browser = new Traveller();
      provider.signsIn(subject);
      const end = await browser.follow(await begin(browser, "company", to), isBack);
      return end.href.slice(server.url.length);
    };
    const ana = person("sub-ana", "ana@example.org");
    expect(await back(ana, "/c/cnv_1?at=3")).toBe("/c/cnv_1?at=3");
    expect(await back(ana, "//evil.example/c")).toBe("/");
    expect(await back(ana, "https://evil.example/c")).toBe("/");
    expect(await back(null, "/c/cnv_1?at=3")).toBe("/c/cnv_1?at=3&refused=denied");
    expect(await back(null, "/\\evil.example")).toBe("/?refused=denied");
  });

  it("makes the session one like all others: listed, and ended by signing out", async () => {
    const browser = new Traveller();
    await signIn("company", "sub-ana", browser);
    const { entries } = (await (await browser.ask(`${server.url}/api/sessions`)).json()) as { entries: { current: boolean }[] };
    expect(entries.filter(({ current }) => current)).toHaveLength(1);
    const cookie = browser.cookies(server.url);
    await browser.ask(`${server.url}/api/auth/sign-out`, { method: "POST", headers: { origin: server.url } });
    expect((await fetch(`${server.url}/api/sessions`, { headers: { cookie } })).status).toBe(401);
  });

  it.each([
    ["an address that the provider has not verified, the owner's", "ruling", of("owner@example.org", false), "unverified"],
    ["a verified one whose account never proved it", "company", of("owner@example.org", true), "taken"],
    ["nobody invited", "company", of("stranger@example.org", true), "not-invited"],
    ["another domain", "open", of("somebody@example.com", true), "not-invited"],
  ] as const)("refuses %s", async (_, id, { email, verified }, why) => {
    const { refused, session } = await signIn(id, person(`sub-${why}-${email}`, email, verified));
    expect([refused, session.state]).toEqual([why, "signed-out"]);
    const known = await server
      .store()
      .pages.signIns.known({ providerId: id, issuer: provider.issuer, subject: `sub-${why}-${email}` }, null);
    expect(known.personId).toBeNull();
    const { entries } = await owner.get<{ entries: page.AuditEntry[] }>("GET /api/admin/audit?action=sign-in.refused");
    expect(entries[0]).toMatchObject({ target: email, detail: { provider: id, why } });
  });

  it("refuses who refuses there", async () => {
    expect(await signIn("company", null)).toMatchObject({ refused: "denied", session: { state: "signed-out" } });
  });

  it("joins a verified address to its account where the provider rules over addresses", async () => {
    const { session } = await signIn("ruling", person("sub-owner", "owner@example.org"));
    expect(session).toMatchObject({ state: "signed-in", person: { name: "Owner", email: "owner@example.org" } });
    // It is proven from now on, for other providers too.
    const { session: other } = await signIn("company", person("sub-owner-2", "owner@example.org"));
    expect(other).toMatchObject({ state: "signed-in", person: { name: "Owner" } });
  });

  it("makes a member of whoever has an address of the domain, where all may join", async () => {
    const { session } = await signIn("open", person("sub-carla", "carla@example.org"));
    expect(session).toMatchObject({ state: "signed-in", standing: { role: "member", organisation: { id: "default" } } });
  });

  it("takes an answer only in the browser that asked, once, and for the provider that was asked", async () => {
    const [victim, attacker] = [new Traveller(), new Traveller()];
    provider.signsIn("sub-ana");
    const answer = await attacker.follow(await begin(attacker, "company"), isCallback);
    const end = async (browser: Traveller, url: string) => (await browser.follow(url, isHome)).searchParams.get("refused");
    // Nobody is signed in as the attacker by following a link of theirs, be a sign-in of their own under way or not.
    expect(await end(victim, answer.href)).toBe("failed");
    await begin(victim, "company");
    expect(await end(victim, answer.href)).toBe("failed");
    const elsewhere = answer.href.replace("/company?", "/ruling?");
    expect(await end(attacker, elsewhere)).toBe("failed");
    await begin(attacker, "company");
    const fresh = await attacker.follow(await begin(attacker, "company"), isCallback);
    expect(await end(attacker, fresh.href)).toBeNull();
    expect(await end(attacker, fresh.href)).toBe("failed");
  });
});

function of(email: string, verified: boolean) {
  return { email, verified };
}
