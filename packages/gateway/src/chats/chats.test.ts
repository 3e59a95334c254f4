import type { page } from "@arriero/spec";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Browser, openDatabase, type PageServer, startPageServer } from "../testing/page-server.ts";

const SETUP_MS = 120_000;
/** Words that the fake engine says for long enough to be interrupted. */
const LONG = "tell me a long story";

describe("chats over HTTP", () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let server: PageServer;
  let owner: Browser;

  beforeAll(async () => {
    database = await openDatabase();
    server = await startPageServer(database);
    await server.ready();
    owner = await server.firstVisit();
  }, SETUP_MS);
  afterEach(() => expect(server.logged.filter((line) => line.level === 50)).toEqual([]));
  afterAll(async () => {
    await server?.close();
    await database?.close();
  }, SETUP_MS);

  const newChat = async (browser = owner, wanted = {}) =>
    (await browser.get<page.Conversation>("POST /api/conversations", { model: "arriero-demo", ...wanted })).id;
  const send = (chat: string, text: string, browser = owner, more = {}) =>
    browser.get<page.Started>(`POST /api/conversations/${chat}/messages`, { text, ...more });
  const watch = async (id: string, browser = owner, headers = {}) =>
    readUpdates(await (await browser.ask(`GET /api/generations/${id}/events`, undefined, headers)).text());

  it("writes an answer that any number of pages watch alike", async () => {
    const { answer, generationId, question } = await send(await newChat(), "hello");
    expect([question.state, answer.state]).toEqual(["complete", "running"]);
    const [first, second] = await Promise.all([watch(generationId), watch(generationId)]);
    const late = await watch(generationId);
    const text = first.message!.text;
    expect(text).not.toBe("");
    for (const each of [first, second, late]) {
      expect(each.text).toBe(text);
      expect(each.message).toMatchObject({ id: answer.id, state: "complete", finishReason: "stop", model: "arriero-demo" });
    }
    const half = first.ids[Math.floor(first.ids.length / 2)]!;
    const rest = await watch(generationId, owner, { "last-event-id": String(half.id) });
    expect(half.textSoFar + rest.text).toBe(text);
    expect(rest.types).not.toContain("snapshot");
  });

  it("goes on without any watcher, and is charged to the person", async () => {
    const chat = await newChat();
    const { answer, generationId } = await send(chat, "hello");
    await watch(generationId);
    const { entries } = await owner.get<{ entries: page.Message[] }>(`GET /api/conversations/${chat}/messages`);
    expect(entries.map(({ id, role }) => [id, role])).toEqual([
      [answer.id, "assistant"],
      [entries[1]!.id, "user"],
    ]);
    expect(entries[0]!.usage!.completionTokens).toBeGreaterThan(0);
    await server.store().ledger.flush?.();
    const usage = await owner.get<{ entries: page.UsageEntry[] }>("GET /api/usage");
    expect(usage.entries.some(({ user }) => user?.name === "Owner")).toBe(true);
  });

  it("stops where it stands, and goes on from there when it is wanted", async () => {
    const { answer, generationId } = await send(await newChat(), LONG, owner, { parameters: { maxTokens: 400, seed: 7 } });
    const whole = await watch(
      (await send(await newChat(), LONG, owner, { parameters: { maxTokens: 400, seed: 7 } })).generationId,
    );
    expect(await owner.status(`POST /api/generations/${generationId}/stop`)).toBe(204);
    const stopped = await watch(generationId);
    if (stopped.message!.state === "complete") return;
    expect(stopped.message).toMatchObject({ id: answer.id, state: "stopped" });
    expect(whole.text.startsWith(stopped.text)).toBe(true);
    await owner.get(`POST /api/generations/${generationId}/continue`);
    const finished = await watch(generationId);
    expect(finished.message).toMatchObject({ id: answer.id, state: "complete" });
    expect(finished.text.startsWith(stopped.text)).toBe(true);
  });

  it("goes on after the server is replaced, token for token", async () => {
    const asked = { parameters: { seed: 11, maxTokens: 300 } };
    const whole = await watch((await send(await newChat(), LONG, owner, asked)).generationId);
    const first = await startPageServer(database);
    await first.ready();
    const there = new Browser(first.url);
    there.cookie = owner.cookie;
    const { generationId } = await send(await newChat(there), LONG, there, asked);
    // Its process lives on in this one, so it gives up what it has; the other server finds it.
    await first.close();
    const seen = await watch(generationId);
    expect(seen.text).toBe(whole.text);
    expect(seen.message).toMatchObject({ state: "complete", text: whole.text });
  }, 90_000);

  it("says in the message why there is no answer", async () => {
    const { generationId } = await send(await newChat(owner, { model: "no-such-model" }), "hello");
    const { message } = await watch(generationId);
    expect(message).toMatchObject({ state: "failed", error: { code: "model_not_found" } });
  });

  it("ends with the organisation's budget, and says so in the message", async () => {
    const priced = await startPageServer(database, {
      gateway: { prices: [{ model: "*", prompt: 1_000_000, cached: 1_000_000, completion: 1_000_000 }] },
    });
    await priced.ready();
    const there = new Browser(priced.url);
    there.cookie = owner.cookie;
    const budget = (wanted: page.OrganisationRules["budget"]) =>
      there.get("PATCH /api/admin/organisations/default", { budget: wanted });
    await budget({ micros: 1, period: "day" });
    const first = await watch((await send(await newChat(there), "hello", there)).generationId, there);
    expect(first.message).toMatchObject({ state: "complete" });
    const second = await watch((await send(await newChat(there), "hello", there)).generationId, there);
    expect(second.message).toMatchObject({ state: "failed", error: { code: "budget_exceeded" } });
    // A key of the organisation, made on the page, finds the same.
    const { key } = await there.get<{ key: string }>("POST /api/keys", { name: "k" });
    const asked = () =>
      fetch(`${priced.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: "arriero-demo", messages: [{ role: "user", content: "hello" }] }),
      });
    expect((await asked()).status).toBe(402);
    await budget(null);
    expect((await asked()).status).toBe(200);
    const rules = (tokenBudget: page.OrganisationRules["tokenBudget"]) =>
      there.get("PATCH /api/admin/organisations/default", { tokenBudget });
    await rules({ tokens: 1, period: "month" });
    const { entries: budgets } = await there.get<{ entries: page.OrganisationBudget[] }>("GET /api/organisation/budgets");
    expect(budgets).toMatchObject([{ unit: "tokens", most: 1, period: "month" }]);
    expect(budgets[0]!.used).toBeGreaterThan(1);
    const third = await watch((await send(await newChat(there), "hello", there)).generationId, there);
    expect(third.message).toMatchObject({ state: "failed", error: { code: "budget_exceeded" } });
    expect((await asked()).status).toBe(402);
    await rules(null);
    expect((await asked()).status).toBe(200);
    // Revoked on the page, it opens nothing from the next request on.
    const { entries } = await there.get<{ entries: page.PageKey[] }>("GET /api/keys");
    expect(await there.status(`DELETE /api/keys/${entries[0]!.id}`)).toBe(204);
    expect((await asked()).status).toBe(401);
    await priced.close();
  }, 60_000);

  it("shares, exports and finds what was said", async () => {
    const chat = await newChat();
    await watch((await send(chat, "where do vicuñas sleep")).generationId);
    const { entries } = await owner.get<{ entries: page.SearchHit[] }>("GET /api/search?q=vicu%C3%B1as");
    expect(entries.map(({ conversationId }) => conversationId)).toContain(chat);
    const share = await owner.get<page.Share>("POST /api/shares", { conversationId: chat, audience: "anyone" });
    const shared = await new Browser(server.url).get<page.SharedView>(`GET /api/shared/${share.id}`);
    expect(shared.messages).toHaveLength(2);
    const markdown = await (await owner.ask(`GET /api/export?conversation=${chat}&format=markdown`)).text();
    expect(markdown).toContain("## You\n\nwhere do vicuñas sleep");
    const exported = await owner.get<page.Exported>(`GET /api/export?conversation=${chat}`);
    expect(await owner.get("POST /api/import", exported)).toEqual({ conversations: 1, messages: 2 });
  });
});

/** What a page has after reading a stream of updates. */
function readUpdates(stream: string) {
  let text = "";
  let message: page.Message | null = null;
  const types: string[] = [];
  const ids: { id: number; textSoFar: string }[] = [];
  for (const frame of stream.split("\n\n").filter((each) => each.startsWith("event:"))) {
    const id = Number(/^id: (\d+)$/m.exec(frame)![1]);
    const update = JSON.parse(/^data: (.+)$/m.exec(frame)![1]!) as page.GenerationUpdate;
    types.push(update.type);
    if (update.type === "snapshot") text = update.text;
    if (update.type === "delta") text += update.text ?? "";
    if (update.type === "end") message = update.message;
    ids.push({ id, textSoFar: text });
  }
  return { text, message, types, ids };
}
