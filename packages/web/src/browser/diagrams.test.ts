import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { HOSTILE_DIAGRAMS } from "../testing/hostile-diagrams.ts";
import { describeInBrowser } from "../testing/in-browser.ts";
import { addMessage } from "../testing/scripted/answers.ts";
import { addConversation } from "../testing/scripted/chat-routes.ts";
import { addAccount } from "../testing/scripted/session-routes.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

const fence = (text: string) => `\`\`\`mermaid\n${text}\n\`\`\``;
const TALL = { viewport: { width: 1000, height: 9000 } };
/** A page is drawn once one diagram that is known to be good has come after all others. */
const LAST = fence("graph LR; this --> finish");

/** All that were to be drawn have been, and their frames are gone. */
async function drawn(page: Page): Promise<void> {
  await page.locator("article").last().getByRole("img").waitFor();
  await expect.poll(() => page.locator("iframe").count(), { timeout: 30_000 }).toBe(0);
}

/** What must not be there: of the pictures, what an image could carry; of the page, all that runs. */
async function remains(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ("harmed" in window || "harmed" in {}) found.push("something ran");
    for (const element of document.querySelectorAll("article *")) {
      if (/^(script|iframe|object|embed|style|foreignobject)$/i.test(element.tagName))
        found.push(element.outerHTML.slice(0, 200));
      for (const { name } of element.attributes) if (/^on/i.test(name)) found.push(`${name} on ${element.tagName}`);
    }
    for (const { src } of document.querySelectorAll<HTMLImageElement>("article img")) {
      const [head, data] = src.split(",", 2) as [string, string];
      if (head !== "data:image/svg+xml;charset=utf-8") found.push(src.slice(0, 200));
      const svg = new DOMParser().parseFromString(decodeURIComponent(data), "image/svg+xml");
      for (const element of svg.querySelectorAll("*")) {
        if (/^(parsererror|script|iframe)$/i.test(element.tagName)) found.push(element.outerHTML.slice(0, 200));
        if (element.tagName === "style" && /url\(\s*["']?https?:|@import/.test(element.textContent))
          found.push(element.textContent.slice(0, 2_000));
        for (const { name, value } of element.attributes)
          if (/^on/i.test(name) || /^\s*(javascript|https?):|url\(\s*["']?https?:/i.test(name.startsWith("xmlns") ? "" : value))
            found.push(`${name}=${value}`);
      }
    }
    return found;
  });
}

describeInBrowser("diagrams", ({ visit }) => {
  it("are drawn as pictures, in the colours of the page, with their code a key away; what cannot be drawn stays code", async () => {
    const world = emptyWorld();
    const owner = addAccount(world, "Inés", "ines@example.org", "long enough words");
    const conversation = addConversation(world, owner, { title: "Diagrams" });
    addMessage(world, conversation, { text: "Draw the way" });
    const texts = [
      fence("graph TD; broken --> "),
      fence(`graph TD\n${"A --> B\n".repeat(2_000)}`),
      fence("graph LR; Village --> Spring --> Pass"),
    ];
    addMessage(world, conversation, { role: "assistant", text: texts.join("\n\n") });
    const { page, server } = await visit(world, owner, { viewport: { width: 390, height: 800 }, colorScheme: "light" });
    await page.goto(`${server.url}/c/${conversation.id}`);
    await drawn(page);
    const picture = page.getByRole("img", { name: "Diagram" });
    expect(await picture.count()).toBe(1);
    expect(await page.getByText("This diagram cannot be drawn.").count()).toBe(2);
    const light = (await picture.getAttribute("src")) ?? "";
    expect(decodeURIComponent(light)).toContain("Village");
    // The browser can draw it: it has a size, and the one it was given.
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(
      Number(await picture.getAttribute("width")),
    );
    await page.emulateMedia({ colorScheme: "dark" });
    await expect
      .poll(async () => (await picture.count()) === 1 && (await picture.getAttribute("src")) !== light, { timeout: 30_000 })
      .toBe(true);
    await page.getByRole("button", { name: "Show source" }).focus();
    await page.keyboard.press("Enter");
    expect(await picture.count()).toBe(0);
    await page.getByText("graph LR; Village").waitFor();
    await page.getByRole("button", { name: "Show diagram" }).press("Enter");
    await picture.waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  it("do no harm, whatever they say, in a conversation and in a shared view", async () => {
    const world = emptyWorld();
    const owner = addAccount(world, "Inés", "ines@example.org", "long enough words");
    const { page, server, context } = await visit(world, owner, TALL);
    const abroad: string[] = [];
    const isAbroad = (url: string) => !url.startsWith("data:") && !url.startsWith(server.url);
    context.on("requestfinished", (request) => void (isAbroad(request.url()) && abroad.push(request.url())));
    // What the frame's policy holds back never leaves the browser.
    context.on("requestfailed", (request) => {
      if (isAbroad(request.url()) && request.failure()?.errorText !== "csp")
        abroad.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    const conversation = addConversation(world, owner, { title: HOSTILE_DIAGRAMS[0]!.replaceAll("\n", " ") });
    for (const text of [...HOSTILE_DIAGRAMS, LAST]) addMessage(world, conversation, { role: "assistant", text });
    await page.goto(`${server.url}/c/${conversation.id}`);
    await drawn(page);
    expect(await remains(page)).toEqual([]);
    world.shares.push({
      ...{
        id: "shr_hostile",
        conversationId: "-",
        title: "x",
        audience: "anyone" as const,
        path: "/shared/shr_hostile",
        createdAt: 0,
      },
      messages: [...HOSTILE_DIAGRAMS, LAST].map((text, at) => ({
        ...{ id: `m${at}`, role: "assistant" as const, text, reasoning: "", model: null, adapter: null, createdAt: 0 },
      })),
    });
    await page.goto(`${server.url}/shared/shr_hostile`);
    await drawn(page);
    expect(await remains(page)).toEqual([]);
    expect([page.url(), abroad]).toEqual([`${server.url}/shared/shr_hostile`, []]);
  });

  it("cannot reach the page from their frame", async () => {
    const world = emptyWorld();
    const owner = addAccount(world, "Inés", "ines@example.org", "long enough words");
    const { page, server } = await visit(world, owner);
    const frame = await page.goto(`${server.url}/diagram/frame.html`);
    expect(frame?.headers()["content-security-policy"]).toContain("sandbox allow-scripts");
    expect(await page.evaluate(() => self.origin)).toBe("null");
  });
});
