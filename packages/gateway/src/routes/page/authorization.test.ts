import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { page } from "@arriero/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FILE_LIMITS } from "../../files/file-store.ts";
import { isPersonAccess } from "../../http/access.ts";
import { apiRoutes } from "../../testing/every-route.ts";
import { Browser, openDatabase, PASSWORD, type PageServer, startPageServer } from "../../testing/page-server.ts";

type Name = keyof typeof page.PAGE_API;

/** What a row's request needs: made anew for each caller, as the member's own. */
interface Made {
  readonly id: string;
  readonly body?: unknown;
}

/**
 * Each route as a member asks for what is their own, as another member and as another organisation's admin ask for the
 * very same, and as the server's owner does. Nobody, ended sessions and keys follow from the declaration.
 */
interface Row {
  readonly member: number;
  readonly other: number;
  readonly foreign: number;
  readonly owner: number;
  readonly nobody?: number;
  readonly query?: string;
  make?(from: Stage): Promise<Made>;
}

const all = (status: number, more: Partial<Row> = {}): Row => ({
  member: status,
  other: status,
  foreign: status,
  owner: status,
  ...more,
});
/** Of one person alone. */
const own = (status: number, make: Row["make"]): Row => ({ member: status, other: 404, foreign: 404, owner: 404, make: make! });
/** Of an organisation's admins. `foreign` asks for the same in an organisation where they may. */
const admin = (owner: number, foreign: number, make?: Row["make"], query?: string): Row => ({
  member: 403,
  other: 403,
  foreign,
  owner,
  ...(make === undefined ? {} : { make }),
  ...(query === undefined ? {} : { query }),
});
const keeper = (owner: number, make?: Row["make"]): Row => admin(owner, 403, make);
const body = (value: unknown) => async (): Promise<Made> => ({ id: "x", body: value });
const ofChat =
  (value?: unknown) =>
  async (stage: Stage): Promise<Made> => ({ id: await stage.chat(), body: value });

const ROWS: Record<Name, Row> = {
  session: all(200, { nobody: 200 }),
  firstVisit: all(409, { nobody: 409, make: body({ name: "x", email: "x@example.org", password: PASSWORD }) }),
  signIn: all(401, { nobody: 401, make: body({ email: "nobody@example.org", password: "wrong" }) }),
  signOut: all(204, { nobody: 204, make: body(undefined) }),
  changePassword: all(403, { make: body({ current: "wrong", wanted: PASSWORD }) }),
  askReset: all(400, { nobody: 400, make: body({ email: "x@example.org" }) }),
  reset: all(403, { nobody: 403, make: body({ token: "x".repeat(32), password: PASSWORD }) }),
  readInvitation: all(404, { nobody: 404, make: body({ token: "x".repeat(32) }) }),
  acceptInvitation: all(404, { nobody: 404, make: body({ token: "x".repeat(32), name: "x", password: PASSWORD }) }),
  startProvider: all(404, { nobody: 404, make: body({}) }),
  providerCallback: all(404, { nobody: 404 }),
  changeSettings: all(200, { make: body({ theme: "dark" }) }),
  changeStanding: { member: 200, other: 200, foreign: 404, owner: 200, make: body({ organisation: "default" }) },
  listSessions: all(200),
  endSession: own(204, async ({ member }) => {
    const extra = await member.twin();
    const { entries } = await extra.get<{ entries: { id: string; current: boolean }[] }>("GET /api/sessions");
    return { id: entries.find(({ current }) => current)!.id };
  }),
  startDevice: all(200, { nobody: 200 }),
  readDevice: all(200, { make: async ({ device }) => ({ id: await device() }) }),
  answerDevice: all(204, { make: async ({ device }) => ({ id: await device(), body: { allow: false } }) }),
  pollDevice: all(404, { nobody: 404, make: body({ deviceCode: "x".repeat(32) }) }),
  endDevice: all(204, { nobody: 204, make: body({ key: `ak_${"x".repeat(43)}` }) }),
  listModels: all(200),
  explainResidency: all(200, { query: "?model=arriero-demo" }),
  listReplicas: keeper(200),
  watchReplicas: keeper(200),
  pullModel: keeper(400, body({ model: "nothing" })),
  loadModel: keeper(404, body({ model: "nothing" })),
  unloadModel: keeper(404, body({ model: "nothing" })),
  deleteModel: keeper(404, body({ model: "nothing" })),
  health: keeper(200),
  listConversations: all(200),
  createConversation: all(200, { make: body({}) }),
  readConversation: own(200, ofChat()),
  changeConversation: own(200, ofChat({ title: "changed" })),
  deleteConversation: own(204, ofChat()),
  listFolders: all(200),
  createFolder: all(200, { make: body({ name: "f" }) }),
  renameFolder: own(200, async ({ member }) => ({ id: await member.made("folders", { name: "f" }), body: { name: "g" } })),
  deleteFolder: own(204, async ({ member }) => ({ id: await member.made("folders", { name: "f" }) })),
  listPrompts: all(200),
  createPrompt: all(200, { make: body({ name: "p", text: "t" }) }),
  changePrompt: own(200, async ({ member }) => ({
    id: await member.made("prompts", { name: "p", text: "t" }),
    body: { text: "u" },
  })),
  deletePrompt: own(204, async ({ member }) => ({ id: await member.made("prompts", { name: "p", text: "t" }) })),
  search: all(200, { query: "?q=llama" }),
  listMessages: own(200, ofChat()),
  sendMessage: own(200, ofChat({ text: "hello" })),
  retryMessage: own(200, async (stage) => ({ id: (await stage.answered()).answer.id, body: {} })),
  branchLeaf: own(200, async (stage) => ({ id: (await stage.answered()).question.id })),
  watchGeneration: own(200, async (stage) => ({ id: (await stage.answered()).generationId })),
  stopGeneration: own(204, async (stage) => ({ id: (await stage.answered()).generationId })),
  continueGeneration: { ...own(409, async (stage) => ({ id: (await stage.answered()).generationId })) },
  uploadAttachment: all(200, { query: "?name=a.txt", make: body(Buffer.from("text")) }),
  readAttachment: own(200, async ({ member }) => ({ id: await member.upload() })),
  listShares: all(200),
  createShare: { ...own(200, async (stage) => ({ id: "x", body: { conversationId: await stage.chat() } })) },
  deleteShare: own(204, async (stage) => ({ id: await stage.share() })),
  readShared: {
    member: 200,
    other: 200,
    foreign: 404,
    owner: 200,
    nobody: 401,
    make: async (stage) => ({ id: await stage.share() }),
  },
  exportChats: all(200),
  importChats: all(200, { make: body({ format: "arriero-chats-1", conversations: [] }) }),
  listKeys: all(200),
  createKey: all(200, { make: body({ name: "k" }) }),
  // The owner is an admin of the member's organisation.
  revokeKey: { ...own(204, async ({ member }) => ({ id: (await member.key()).id })), owner: 204 },
  usage: all(200),
  usageCsv: all(200),
  listMembers: admin(200, 200),
  changeMember: admin(200, 404, async ({ extra }) => ({ id: await extra(), body: { role: "member" } })),
  removeMember: admin(204, 404, async ({ extra }) => ({ id: await extra() })),
  resetMemberPassword: admin(200, 404, async ({ extra }) => ({ id: await extra() })),
  listInvitations: admin(200, 200),
  invite: admin(200, 200, body({ email: "new@example.org" })),
  withdrawInvitation: admin(204, 404, async ({ invitation }) => ({ id: await invitation() })),
  organisation: all(200),
  organisationBudgets: all(200),
  changeOrganisation: admin(200, 200, body({ name: "Renamed" })),
  listOrganisations: keeper(200),
  createOrganisation: keeper(200, body({ name: "third", ownerEmail: "third@example.org" })),
  changeOrganisationRules: keeper(200, async ({ organisation }) => ({ id: organisation, body: { budget: null } })),
  listAudit: admin(200, 200),
};

/** A signed-in person who can make things. */
class Maker extends Browser {
  readonly #url: string;

  constructor(url: string, from: Browser) {
    super(url);
    this.#url = url;
    this.cookie = from.cookie;
  }

  async made(what: string, value: unknown): Promise<string> {
    return (await this.get<{ id: string }>(`POST /api/${what}`, value)).id;
  }

  async key(): Promise<{ id: string; key: string }> {
    const { key, record } = await this.get<{ key: string; record: { id: string } }>("POST /api/keys", { name: "k" });
    return { key, id: record.id };
  }

  async upload(): Promise<string> {
    const sent = await this.ask("POST /api/attachments?name=a.txt", Buffer.from("text"), {
      "content-type": "application/octet-stream",
    });
    return ((await sent.json()) as { id: string }).id;
  }

  /** The same person on another device. */
  async twin(): Promise<Browser> {
    const twin = new Browser(this.#url);
    await twin.ask("POST /api/auth/sign-in", { email: "member@example.org", password: PASSWORD });
    return twin;
  }
}

interface Stage {
  readonly member: Maker;
  readonly organisation: string;
  chat(): Promise<string>;
  answered(): Promise<page.Started>;
  share(): Promise<string>;
  device(): Promise<string>;
  extra(): Promise<string>;
  invitation(): Promise<string>;
}

describe("who may call what of the page", () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let server: PageServer;
  let stage: Stage;
  const callers = {} as Record<"member" | "other" | "foreign" | "owner" | "nobody" | "ended" | "revoked", Browser>;
  let revokedKey = "";
  let livingKey = "";

  beforeAll(async () => {
    database = await openDatabase();
    server = await startPageServer(database);
    await server.ready();
    const owner = await server.firstVisit();
    const member = new Maker(server.url, await server.join(owner, "member@example.org"));
    const made = await owner.get<{ link: string; organisation: { id: string } }>("POST /api/admin/organisations", {
      name: "elsewhere",
      ownerEmail: "foreign@example.org",
    });
    const ended = new Browser(server.url);
    const twin = await member.twin();
    ended.cookie = twin.cookie;
    await twin.ask("POST /api/auth/sign-out");
    // One that its person has ended from another device.
    const revoked = await member.twin();
    const { entries } = await revoked.get<{ entries: { id: string; current: boolean }[] }>("GET /api/sessions");
    await member.ask(`DELETE /api/sessions/${entries.find(({ current }) => current)!.id}`);
    Object.assign(callers, {
      revoked,
      owner,
      member,
      other: await server.join(owner, "other@example.org"),
      foreign: await server.accept(made.link),
      nobody: new Browser(server.url),
      ended,
    });
    const { id, key } = await member.key();
    await member.ask(`DELETE /api/keys/${id}`);
    revokedKey = key;
    livingKey = (await new Maker(server.url, owner).key()).key;
    let extras = 0;
    const chat = () => member.made("conversations", { model: "arriero-demo" });
    stage = {
      member,
      organisation: made.organisation.id,
      chat,
      async answered() {
        const started = await member.get<page.Started>(`POST /api/conversations/${await chat()}/messages`, { text: "hello" });
        await (await member.ask(`GET /api/generations/${started.generationId}/events`)).text();
        return started;
      },
      async share() {
        return member.made("shares", { conversationId: await chat() });
      },
      async device() {
        return (await member.get<{ userCode: string }>("POST /api/device")).userCode;
      },
      async extra() {
        const browser = await server.join(owner, `extra${extras++}@example.org`);
        const session = await browser.get<{ person: { id: string } }>("GET /api/session");
        return session.person.id;
      },
      async invitation() {
        const body = { email: `invited${extras++}@example.org` };
        return (await owner.get<{ invitation: { id: string } }>("POST /api/admin/invitations", body)).invitation.id;
      },
    };
  }, 300_000);
  afterAll(async () => {
    await server?.close();
    await database?.close();
  }, 60_000);

  const names = Object.keys(page.PAGE_API) as Name[];

  it.each(names)(
    "%s",
    async (name) => {
      const { access, method, path } = page.PAGE_API[name];
      const row = ROWS[name];
      const address = ({ id }: Made): string => `${method} ${path.replace(/\{\w+\}/, id)}${row.query ?? ""}`;
      const made = async (): Promise<Made> => (await row.make?.(stage)) ?? { id: "nothing" };
      const isBytes = (value: unknown): value is Buffer => value instanceof Uint8Array;
      const call = async (browser: Browser, what: Made, headers: Record<string, string> = {}): Promise<number> => {
        const type = isBytes(what.body) ? { "content-type": "application/octet-stream" } : {};
        // Signing out is one of the routes, and everybody stays as they were: a session made for it is ended.
        const asked = name === "signOut" && browser !== callers.nobody ? await stage.member.twin() : browser;
        return asked.status(address(what), what.body, { ...type, ...headers });
      };
      const denied = isPersonAccess(access) ? 401 : (row.nobody ?? 401);
      const first = await made();
      expect(await call(callers.nobody, first), "nobody").toBe(denied);
      expect(await call(callers.ended, first), "an ended session").toBe(denied);
      expect(await call(callers.revoked, first), "a revoked session").toBe(denied);
      expect(await call(callers.nobody, first, { authorization: `Bearer ${revokedKey}` }), "a revoked key").toBe(denied);
      // Keys are for the APIs: here the owner's own is no more than nobody's.
      expect(await call(callers.nobody, first, { authorization: `Bearer ${livingKey}` }), "the owner's key").toBe(denied);
      if (isPersonAccess(access)) {
        for (const browser of [callers.member, callers.owner]) {
          expect(await call(browser, first, { origin: "https://evil.example" }), "another site's page").toBe(403);
        }
      }
      expect(await call(callers.other, first), "another member").toBe(row.other);
      expect(await call(callers.foreign, row.foreign < 300 ? await made() : first), "another organisation's admin").toBe(
        row.foreign,
      );
      expect(await call(callers.member, row.member === row.other ? await made() : first), "the member").toBe(row.member);
      expect(await call(callers.owner, await made()), "the owner").toBe(row.owner);
    },
    120_000,
  );

  describe("and of the APIs, where a key is wanted", () => {
    let closed: PageServer;
    const folder = mkdtempSync(join(tmpdir(), "arriero-work-"));
    const keys = {} as Record<"member" | "other" | "owner" | "foreign", string>;
    beforeAll(async () => {
      const work = { folder, files: FILE_LIMITS, batches: { concurrency: 1, lines: 5, unfinished: 5 } };
      closed = await startPageServer(database, { gateway: { requireKey: true, work } });
      for (const name of ["member", "other", "owner", "foreign"] as const) {
        keys[name] = (await callers[name].get<{ key: string }>("POST /api/keys", { name: "k" })).key;
      }
    }, 60_000);
    afterAll(async () => {
      await closed?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("files and batches are for the key that made them", async () => {
      const as = (key: string) => ({ authorization: `Bearer ${key}` });
      const form = new FormData();
      const body = { model: "arriero-demo", messages: [{ role: "user", content: "hello" }] };
      const line = JSON.stringify({ custom_id: "1", method: "POST", url: "/v1/chat/completions", body });
      form.set("purpose", "batch");
      form.set("file", new Blob([line]), "lines.jsonl");
      const made = async (path: string, sent: RequestInit) => {
        const response = await fetch(closed.url + path, { method: "POST", ...sent });
        expect(response.status).toBe(200);
        return (await response.json()) as { id: string };
      };
      const file = await made("/v1/files", { body: form, headers: as(keys.member) });
      const asked = { input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" };
      const batch = await made("/v1/batches", {
        body: JSON.stringify(asked),
        headers: { ...as(keys.member), "content-type": "application/json" },
      });
      const owned = apiRoutes.filter(({ path }) => /^\/v1\/(files|batches)\/\{/.test(path));
      expect(owned).toHaveLength(5);
      const ask = async (route: (typeof owned)[number], key: string): Promise<number> => {
        const id = route.path.startsWith("/v1/files") ? file.id : batch.id;
        const response = await fetch(closed.url + route.path.replace(/\{\w+\}/, id), { method: route.method, headers: as(key) });
        await response.arrayBuffer();
        return response.status;
      };
      for (const route of owned) {
        for (const key of [keys.other, keys.owner, keys.foreign]) {
          expect(await ask(route, key), `${route.method} ${route.path}`).toBe(404);
        }
        expect(await ask(route, revokedKey)).toBe(401);
      }
      for (const route of owned.filter(({ method }) => method === "GET")) expect(await ask(route, keys.member)).toBe(200);
    });

    it.each(apiRoutes)("$method $path", async ({ access, method, path }) => {
      const ask = async (cookie: string, key: string | null): Promise<number> => {
        const response = await fetch(closed.url + path.replace(/\{\w+\}/, "nothing"), {
          method,
          headers: {
            "content-type": "application/json",
            origin: closed.url,
            ...(cookie === "" ? {} : { cookie }),
            ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          },
          ...(method === "POST" || path === "/api/delete" ? { body: "{}" } : {}),
        });
        await response.arrayBuffer();
        return response.status;
      };
      const isOpen = access === "public";
      // Sessions open nothing here, be it the owner's.
      for (const browser of Object.values(callers)) expect((await ask(browser.cookie, null)) === 401).toBe(!isOpen);
      expect((await ask("", revokedKey)) === 401, "a revoked key").toBe(!isOpen);
      expect((await ask(callers.owner.cookie, revokedKey)) === 401, "the same with the owner's session").toBe(!isOpen);
      // Keys of people are for using models: what the server has, and what all callers together do, is not theirs.
      for (const key of Object.values(keys)) {
        expect((await ask("", key)) === 403).toBe(access === "owner" || access === "operator");
        if (access === "caller") expect(await ask("", key)).not.toBe(401);
      }
    });
  });
});
