import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "./running-server.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const PASSWORD = "long enough words";

/** The page as `arriero up` serves it, in a real browser, with the demo model behind it. */
describe.skipIf(CHROMIUM === undefined)("the page of a real server, in a browser", { timeout: 120_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    server = await startServer();
    // As root, which Chromium's own sandbox refuses.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args });
    context = await browser.newContext({ locale: "en" });
    context.on("weberror", (error) => faults.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
    });
    page = await context.newPage();
    page.setDefaultTimeout(45_000);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const question = (on: Page) => on.getByPlaceholder("Write a message");
  const answer = (on: Page) => on.getByRole("article", { name: "Answer", exact: true }).last();

  it("makes the owner, answers, and has the answer again after a reload, in a second tab and after signing in anew", async () => {
    await page.goto(server.url);
    await page.getByLabel("Your name").fill("Inés");
    await page.getByLabel("E-mail").fill("ines@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();

    await question(page).fill("What is Arriero?");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/c\//);
    // Wherever the answer stands now, the page takes it up again.
    await page.reload();
    const second = await context.newPage();
    await second.goto(page.url());
    for (const one of [page, second])
      await answer(one)
        .getByText(/\d+ tokens/)
        .waitFor();
    const text = await answer(page).locator("p").first().textContent();
    expect(text).toContain("Arriero takes open language models");
    expect(await answer(second).locator("p").first().textContent()).toBe(text);
    await second.close();

    await page.getByRole("button", { name: "Inés" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByLabel("E-mail").fill("ines@example.org");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "What is Arriero?" }).first().click();
    await expect.poll(() => answer(page).locator("p").first().textContent()).toBe(text);
    expect(faults).toEqual([]);
  });
});
