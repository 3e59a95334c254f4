import { existsSync } from "node:fs";
import { ArrieroError } from "@arriero/spec";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The system's Chromium, without a window. Throws `config_invalid` where there is none. */
export async function startBrowser(environment: NodeJS.ProcessEnv): Promise<Browser> {
  const executablePath = environment.CHROMIUM ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new ArrieroError("config_invalid", "There is no Chromium on this machine.", {
      hint: "Debian: apt-get install chromium. Or name one by CHROMIUM=PATH.",
    });
  }
  // As root, which Chromium's own sandbox refuses.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** A visitor who has just made the owner's account. */
export async function ownerOf(browser: Browser, url: string): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: "en", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url);
  await api(page, "POST", "/api/auth/first-visit", {
    ...{ name: "Bench", email: "bench@example.org", password: "long enough words", token: null },
  });
  await page.close();
  return context;
}

/** Asks the page's API from within the page, as the page does. */
export async function api<T>(page: Page, method: string, path: string, body: unknown = null): Promise<T> {
  const init = { method, headers: { "content-type": "application/json" }, body: body === null ? null : JSON.stringify(body) };
  const { status, text } = (await page.evaluate(
    `fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
  )) as { status: number; text: string };
  if (status >= 300) throw new ArrieroError("internal", `${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
