import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { titleOf } from "./chats/messages.ts";
import { systemClock } from "./clock.ts";
import { type Connection, connect } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { processMark } from "./embedded/process-mark.ts";
import { writtenBy } from "./generations/generation-log.ts";
import { type AnswerEnd, DEAD_MS, holderName } from "./generations/generations.ts";
import { peopleStore } from "./open-database-store.ts";
import type { PeopleStore } from "./open-store.ts";
import type { Owner } from "./people/standing.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { DATABASES, type StoreDatabase } from "./testing/store-places.ts";

const SETUP_MS = 180_000;
const PAGE = { limit: 50 };
const LIST = { ...PAGE, archived: false };
const HOLDER = holderName(processMark(), "test");
const COMPLETE: AnswerEnd = {
  state: "complete",
  text: "the answer",
  reasoning: "",
  toolCalls: [],
  model: "m",
  adapter: null,
  finishReason: "stop",
  usage: null,
  dropped: null,
  error: null,
};

describe.each(DATABASES)("chats on $name", ({ skipped, open }) => {
  if (skipped !== null) {
    it.skip(skipped, () => undefined);
    return;
  }
  let place: StoreDatabase;
  let connection: Connection;
  let clock: ManualClock;
  let store: PeopleStore;

  beforeAll(async () => {
    place = await open();
    connection = connect(place.address, () => undefined);
    clock = new ManualClock();
    await migrate(connection.database);
    store = peopleStore(connection.database, clock, "postgres");
  }, SETUP_MS);
  afterAll(async () => {
    await connection?.close(systemClock);
    await place?.close();
  }, SETUP_MS);

  const newPerson = async (name = "Ana"): Promise<string> => {
    const id = randomUUID();
    await connection.database.execute(
      sql`insert into arriero.people (id, name, email) values (${id}, ${name}, ${`${id}@example.org`})`,
    );
    return id;
  };
  const newOwner = async (organisationId = "default"): Promise<Owner> => ({ personId: await newPerson(), organisationId });
  const join = async (owner: Owner, role: string): Promise<void> => {
    await connection.database.execute(
      sql`insert into arriero.memberships values (${owner.personId}, ${owner.organisationId}, ${role}, ${clock.now()})`,
    );
  };
  const ask = (owner: Owner, chat: string, text: string, more: Record<string, unknown> = {}) =>
    store.messages.ask(owner, chat, { text, attachments: [], ...more }, HOLDER);
  const say = async (owner: Owner, chat: string, text: string, more: Record<string, unknown> = {}) => {
    clock.advance(10);
    const started = await ask(owner, chat, text, more);
    await store.generations.end(started.generationId, HOLDER, COMPLETE);
    return started;
  };
  const newChat = async (owner: Owner) => (await store.conversations.create(owner, {})).id;

  it("has one owner of the server, whoever comes first", async () => {
    const people = await Promise.all([newPerson(), newPerson(), newPerson()]);
    const claims = await Promise.allSettled(people.map((id) => store.people.claimServer(id)));
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await store.people.isFirstVisit()).toBe(false);
  });

  it("keeps what is somebody else's out of every answer", async () => {
    const [ana, bea] = [await newOwner(), await newOwner()];
    const elsewhere = { ...ana, organisationId: (await store.organisations.create("other", {})).id };
    const chat = await newChat(ana);
    const { answer, generationId, question } = await say(ana, chat, "secret llama");
    const folder = (await store.library.createFolder(ana, "mine")).id;
    const share = (await store.shares.create(ana, chat, "organisation")).id;
    const prompt = (await store.library.createPrompt(ana, { name: "p", text: "t", shared: false })).id;
    const file = (await store.attachments.create(ana, { name: "a", type: "text/plain", kind: "text", bytes: Buffer.from("x") }))
      .id;
    for (const other of [bea, elsewhere]) {
      const attempts = [
        store.conversations.read(other, chat),
        store.conversations.change(other, chat, { title: "taken" }),
        store.conversations.delete(other, chat),
        store.conversations.create(other, { folderId: folder }),
        store.messages.branch(other, chat, PAGE),
        store.messages.leafBelow(other, question.id),
        store.messages.read(other, answer.id),
        ask(other, chat, "in"),
        store.messages.retry(other, answer.id, {}, HOLDER),
        store.generations.read(other, generationId),
        store.generations.requestStop(other, generationId),
        store.generations.reopen(other, generationId, HOLDER),
        store.library.renameFolder(other, folder, "taken"),
        store.library.deleteFolder(other, folder),
        store.library.changePrompt(other, prompt, { text: "taken" }),
        store.library.deletePrompt(other, prompt),
        store.shares.create(other, chat, "anyone"),
        store.shares.delete(other, share),
        store.attachments.read(other, file),
        store.export(other, chat),
      ];
      for (const [index, result] of (await Promise.allSettled(attempts)).entries()) {
        expect(result, `attempt ${index}`).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
      }
      expect((await store.conversations.list(other, LIST)).entries).toEqual([]);
      expect((await store.search(other, { ...PAGE, q: "secret" })).entries).toEqual([]);
      expect((await store.export(other, null)).conversations).toEqual([]);
      expect(await store.library.folders(other)).toEqual([]);
    }
    await expect(store.shares.read(null, share)).rejects.toMatchObject({ code: "unauthorized" });
    await expect(store.shares.read(elsewhere, share)).rejects.toMatchObject({ code: "not_found" });
    expect((await store.shares.read(bea, share)).messages.map(({ text }) => text)).toEqual(["secret llama", "the answer"]);
    expect((await store.conversations.read(ana, chat)).title).toBe("secret llama");
  });

  it("lets admins read chats only where the organisation says so, and never write", async () => {
    const organisationId = (await store.organisations.create("open", {})).id;
    const [member, admin, other] = [
      await newOwner(organisationId),
      await newOwner(organisationId),
      await newOwner(organisationId),
    ];
    await join(member, "member");
    await join(admin, "admin");
    await join(other, "member");
    const chat = await newChat(member);
    await say(member, chat, "hello");
    await expect(store.conversations.read(admin, chat)).rejects.toMatchObject({ code: "not_found" });
    await store.organisations.change(organisationId, { adminsReadChats: true });
    expect((await store.conversations.read(admin, chat)).owner.id).toBe(member.personId);
    expect((await store.messages.branch(admin, chat, PAGE)).entries).toHaveLength(2);
    await expect(ask(admin, chat, "in their name")).rejects.toMatchObject({ code: "not_found" });
    await expect(store.conversations.delete(admin, chat)).rejects.toMatchObject({ code: "not_found" });
    await expect(store.conversations.read(other, chat)).rejects.toMatchObject({ code: "not_found" });
  });

  it("pages a branch from its leaf up, each with its versions", async () => {
    const ana = await newOwner();
    const chat = await newChat(ana);
    const first = await say(ana, chat, "one");
    const second = await say(ana, chat, "two");
    const edited = await say(ana, chat, "two, better", { parentId: first.answer.id });
    const third = await say(ana, chat, "three");
    const page = await store.messages.branch(ana, chat, { limit: 3 });
    expect(page.entries.map(({ id }) => id)).toEqual([third.answer.id, third.question.id, edited.answer.id]);
    const rest = await store.messages.branch(ana, chat, { limit: 3, cursor: page.next! });
    expect(rest.entries.map(({ text }) => text)).toEqual(["two, better", "the answer", "one"]);
    expect(rest.next).toBeNull();
    expect(rest.entries[0]!.siblings).toEqual([second.question.id, edited.question.id]);
    expect((await store.messages.branch(ana, chat, { ...PAGE, leaf: second.answer.id })).entries).toHaveLength(4);
    expect(await store.messages.leafBelow(ana, first.question.id)).toBe(third.answer.id);
    expect(await store.messages.leafBelow(ana, second.question.id)).toBe(second.answer.id);
    clock.advance(10);
    const retried = await store.messages.retry(ana, second.answer.id, { model: "other" }, HOLDER);
    expect(retried.answer).toMatchObject({ parentId: second.question.id, model: "other", state: "running" });
    const { turns } = await store.messages.turnsAbove(third.answer.id);
    expect(turns.map(({ text }) => text)).toEqual(["one", "the answer", "two, better", "the answer", "three"]);
    expect(await store.conversations.read(ana, chat)).toMatchObject({ messages: 9, running: true, title: "one" });
  });

  it("takes a question once, however often it is sent", async () => {
    const ana = await newOwner();
    const chat = await newChat(ana);
    const id = `msg_${randomUUID()}`;
    const sent = await Promise.all([1, 2, 3].map(() => ask(ana, chat, "once", { id })));
    expect(new Set(sent.map(({ generationId }) => generationId)).size).toBe(1);
    expect(sent.filter(({ fresh }) => fresh)).toHaveLength(1);
    expect((await store.conversations.read(ana, chat)).messages).toBe(2);
    await expect(ask(ana, await newChat(ana), "elsewhere", { id })).rejects.toMatchObject({ code: "conflict" });
  });

  it("lists conversations page by page, latest first, and what lies in folders", async () => {
    const ana = await newOwner();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      clock.advance(n % 2);
      ids.unshift(await newChat(ana));
    }
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await store.conversations.list(ana, { archived: false, limit: 2, cursor });
      seen.push(...page.entries.map(({ id }) => id));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    const folder = await store.library.createFolder(ana, "llamas");
    await store.conversations.change(ana, ids[0]!, { folderId: folder.id, pinned: true, archived: true });
    expect((await store.conversations.list(ana, LIST)).entries).toHaveLength(4);
    const archived = await store.conversations.list(ana, { ...LIST, archived: true, folder: folder.id, pinned: true });
    expect(archived.entries.map(({ id }) => id)).toEqual([ids[0]]);
    expect(await store.library.folders(ana)).toEqual([{ ...folder, conversations: 1 }]);
    await store.library.deleteFolder(ana, folder.id);
    expect((await store.conversations.read(ana, ids[0]!)).folderId).toBeNull();
  });

  it("finds words, phrases and beginnings, in any language, as text", async () => {
    const ana = await newOwner();
    const chat = await newChat(ana);
    await say(ana, chat, "The llama crosses the Altiplano at <b>dawn</b>, y mañana volverá");
    const texts = async (q: string) => (await store.search(ana, { ...PAGE, q })).entries;
    const [hit, title] = await texts("altipl");
    expect([hit, title].map((each) => each?.conversationId)).toEqual([chat, chat]);
    expect(hit!.excerpt.filter((piece) => piece.hit).map(({ text }) => text)).toEqual(["Altiplano"]);
    expect(await texts('"crosses the"')).not.toEqual([]);
    expect(await texts("mañana")).not.toEqual([]);
    expect((await texts("dawn"))[0]!.excerpt.map(({ text }) => text).join("")).toContain("<b>dawn</b>");
    for (const nothing of ["alpaca", "'; drop table", "& | !", "\u0000"]) expect(await texts(nothing), nothing).toEqual([]);
  });

  it("keeps the log of a generation to its holder", async () => {
    const ana = await newOwner();
    const { generationId: id } = await ask(ana, await newChat(ana), "go");
    const piece = (text: string, tokens: number[]) => ({
      kind: "pieces" as const,
      pieces: [{ type: "text" as const, text, tokens }],
    });
    expect(await store.generations.append(id, HOLDER, 0, [piece("The ", [1]), piece("llama\0\ud800", [2])])).toEqual({
      stop: false,
    });
    expect(await store.generations.append(id, "somebody", 2, [piece("!", [3])])).toBeNull();
    // The same place is written once.
    expect(await store.generations.append(id, HOLDER, 0, [piece("twice", [9])])).toBeNull();
    await store.generations.requestStop(ana, id);
    expect(await store.generations.beat([id], HOLDER)).toEqual(new Map([[id, { stop: true }]]));
    expect(await store.generations.append(id, HOLDER, 2, [piece(" goes", [3])])).toEqual({ stop: true });
    expect(writtenBy(await store.generations.log(id, 0)).text).toBe("The llama\ufffd goes");
    expect((await store.generations.log(id, 1)).map(({ seq }) => seq)).toEqual([2, 3]);
    const ended = await store.generations.end(id, HOLDER, { ...COMPLETE, state: "stopped" });
    expect(ended).toMatchObject({ state: "stopped", text: "the answer" });
    expect(await store.generations.end(id, HOLDER, COMPLETE)).toBeNull();
    const again = await store.generations.reopen(ana, id, HOLDER);
    expect(again).toMatchObject({ id, attempt: 2, lastSeq: 5 });
    await expect(store.generations.reopen(ana, id, HOLDER)).rejects.toMatchObject({ code: "conflict" });
    await store.generations.end(id, HOLDER, COMPLETE);
    await expect(store.generations.reopen(ana, id, HOLDER)).rejects.toMatchObject({ code: "conflict" });
    clock.advance(3_600_000);
    await store.generations.tidy();
    expect(await store.generations.log(id, 0)).toEqual([]);
  });

  it("finds what dead holders left, and lets one take it", async () => {
    const ana = await newOwner();
    const chat = await newChat(ana);
    const dead = holderName({ ...processMark(), started: "1" }, "dead");
    const gone = await store.messages.ask(ana, chat, { text: "gone", attachments: [] }, dead);
    const far = await store.messages.ask(ana, chat, { text: "far", attachments: [] }, "another machine");
    const found = async () =>
      (await store.generations.orphans()).filter(({ id }) => id === gone.generationId || id === far.generationId);
    expect(await found()).toEqual([{ id: gone.generationId, holder: dead, kind: "gone" }]);
    const orphan = (await found())[0]!;
    const takes = await Promise.all([store.generations.take(orphan, "a"), store.generations.take(orphan, "b")]);
    expect(takes.filter((held) => held !== null)).toHaveLength(1);
    expect(await store.generations.append(gone.generationId, dead, 0, [{ kind: "continued" }])).toBeNull();
    clock.advance(DEAD_MS + 1);
    expect((await found()).map(({ kind }) => kind)).toEqual(["silent", "silent"]);
    const held = (await store.generations.take({ id: far.generationId, holder: "another machine" }, HOLDER))!;
    await store.generations.interrupt(held, HOLDER);
    expect(await store.messages.read(ana, far.answer.id)).toMatchObject({ state: "interrupted" });
  });

  it("keeps the last owner, and owners to owners", async () => {
    const organisationId = (await store.organisations.create("roles", {})).id;
    const [owner, admin] = [await newOwner(organisationId), await newOwner(organisationId)];
    await join(owner, "owner");
    await join(admin, "admin");
    await expect(store.people.changeRole(admin, admin.personId, "owner")).rejects.toMatchObject({ code: "forbidden" });
    await expect(store.people.removeMember(admin, owner.personId)).rejects.toMatchObject({ code: "forbidden" });
    await expect(store.people.changeRole(owner, owner.personId, "member")).rejects.toMatchObject({ code: "conflict" });
    expect(await store.people.changeRole(owner, admin.personId, "owner")).toMatchObject({ role: "owner" });
    const both = await Promise.allSettled([
      store.people.removeMember(owner, admin.personId),
      store.people.removeMember(admin, owner.personId),
    ]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await store.people.members(organisationId, PAGE)).entries).toHaveLength(1);
  });

  it("takes an invitation once", async () => {
    const organisationId = (await store.organisations.create("invites", {})).id;
    const first = await store.people.invite(organisationId, "x@example.org", "admin");
    const { token } = await store.people.invite(organisationId, "x@example.org", "member");
    expect(await store.people.invitation(first.token)).toBeNull();
    expect(await store.people.invitation(token)).toMatchObject({ role: "member", organisation: "invites", personId: null });
    const person = await newPerson();
    expect(await store.people.accept(token, person)).toBe(true);
    expect(await store.people.accept(token, person)).toBe(false);
    expect((await store.people.standings(person)).map(({ role }) => role)).toEqual(["member"]);
  });

  it("lets a command line in once, by a code that a person allows", async () => {
    const ana = await newOwner();
    const { deviceCode, userCode } = await store.devices.begin("127.0.0.1");
    expect(await store.devices.poll(deviceCode)).toBe("waiting");
    await store.devices.answer(ana, userCode.toLowerCase(), true);
    await expect(store.devices.answer(ana, userCode, false)).rejects.toMatchObject({ code: "not_found" });
    expect(await store.devices.poll(deviceCode)).toEqual({ owner: ana });
    await expect(store.devices.poll(deviceCode)).rejects.toMatchObject({ code: "not_found" });
  });

  it("imports what it exports, branches and all, also where parents are missing or go round", async () => {
    const ana = await newOwner();
    const chat = await newChat(ana);
    const { answer, question } = await say(ana, chat, "one\u0000");
    await say(ana, chat, "other", { parentId: null });
    const exported = await store.export(ana, chat);
    const bea = await newOwner();
    expect(await store.import(bea, exported)).toEqual({ conversations: 1, messages: 4 });
    const again = await store.export(bea, null);
    const plain = (told: typeof exported) => told.conversations[0]!.messages.map(({ role, text }) => [role, text]);
    expect(plain(again).toSorted()).toEqual(plain(exported).toSorted());
    const [told] = exported.conversations;
    const round = told!.messages.map((message) =>
      message.id === question.id ? { ...message, parentId: answer.id } : { ...message, parentId: message.parentId ?? "nowhere" },
    );
    expect(await store.import(bea, { ...exported, conversations: [{ ...told!, messages: round }] })).toMatchObject({
      messages: 4,
    });
  });

  it("tells what was done, newest first, to its organisation alone", async () => {
    const organisationId = (await store.organisations.create("audited", {})).id;
    for (const action of ["one", "two", "three"]) await store.audit.note({ organisationId, actor: null, action, target: "t" });
    const page = await store.audit.list(organisationId, { limit: 2 });
    expect(page.entries.map(({ action }) => action)).toEqual(["three", "two"]);
    expect(
      (await store.audit.list(organisationId, { limit: 2, cursor: page.next! })).entries.map(({ action }) => action),
    ).toEqual(["one"]);
    expect((await store.audit.list("default", PAGE)).entries.filter(({ target }) => target === "t")).toEqual([]);
  });
});

it("names a conversation by its first words", () => {
  expect(titleOf("  Where do\nllamas   sleep? ")).toBe("Where do llamas sleep?");
  expect(titleOf(`${"word ".repeat(40)}`)).toMatch(/^(word ){10,}word…$/);
  expect([...titleOf("🦙".repeat(200))]).toHaveLength(81);
});
