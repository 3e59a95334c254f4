import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { HOSTILE_TEXTS } from "../testing/hostile-texts.ts";
import { describeInBrowser } from "../testing/in-browser.ts";
import { addMessage } from "../testing/scripted/answers.ts";
import { addConversation } from "../testing/scripted/chat-routes.ts";
import { addAccount } from "../testing/scripted/session-routes.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

/** Texts in one conversation, in a window tall enough to show them all. */
const TOGETHER = 8;
const TALL = { viewport: { width: 1000, height: 6000 } };

/** What must not be in what was rendered, whatever was written. */
async function remains(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ("harmed" in window) found.push("something ran");
    for (const element of document.querySelectorAll("article *")) {
      // A task list's box, which nobody can tick.
      if (element.matches("input[type=checkbox]:disabled")) continue;
      if (/^(script|iframe|object|embed|style|meta|base|link|form|input)$/i.test(element.tagName))
        found.push(element.outerHTML.slice(0, 200));
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) found.push(`${name} on ${element.tagName}`);
        if (/^(href|src|action|formaction|xlink:href)$/i.test(name) && /^\s*(javascript|vbscript|data):/i.test(value))
          found.push(value);
        if (name === "style" && /url\(|fixed/.test(value)) found.push(value);
      }
    }
    return found;
  });
}

describeInBrowser("what was written to do harm", ({ visit }) => {
  it("is inert in answers, questions, titles, reasoning and shared views, and nothing is fetched from elsewhere", async () => {
    const world = emptyWorld();
    const owner = addAccount(world, "<img src=x onerror=window.harmed=1>", "ines@example.org", "long enough words");
    const { page, server, context } = await visit(world, owner, TALL);
    const abroad: string[] = [];
    context.on("request", (request) => {
      if (!request.url().startsWith(server.url)) abroad.push(request.url());
    });
    for (let at = 0; at < HOSTILE_TEXTS.length; at += TOGETHER) {
      const texts = HOSTILE_TEXTS.slice(at, at + TOGETHER);
      const conversation = addConversation(world, owner, { title: texts[0]!.replaceAll("\n", " ") });
      for (const hostile of texts) {
        addMessage(world, conversation, { text: hostile });
        const toolCalls = [{ id: "c", name: hostile.slice(0, 60), arguments: hostile }];
        addMessage(world, conversation, { role: "assistant", text: `${hostile}\n\nthe end`, reasoning: hostile, toolCalls });
      }
      await page.goto(`${server.url}/c/${conversation.id}`);
      await expect.poll(() => page.getByText("the end", { exact: true }).count(), { timeout: 30_000 }).toBe(texts.length);
      expect(await remains(page)).toEqual([]);
      const rels = await page.locator("article a").evaluateAll((links) => links.map((link) => link.getAttribute("rel")));
      for (const rel of rels) expect(rel).toContain("noopener");
    }
    world.shares.push({
      id: "shr_hostile",
      conversationId: "-",
      title: HOSTILE_TEXTS[1]!,
      audience: "anyone",
      path: "/shared/shr_hostile",
      createdAt: 0,
      messages: HOSTILE_TEXTS.flatMap((text, at) =>
        (["user", "assistant"] as const).map((role) => ({
          id: `${role}${at}`,
          role,
          text: `${text}\n\nthe end`,
          reasoning: text,
          model: text,
          adapter: text,
          createdAt: 0,
        })),
      ),
    });
    await page.goto(`${server.url}/shared/shr_hostile`);
    await page.getByText("the end").last().waitFor();
    expect(await remains(page)).toEqual([]);
    expect(abroad).toEqual([]);
  }, 120_000);
});
