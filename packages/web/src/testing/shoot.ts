import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { signInContext, startBrowser } from "./browser.ts";
import { demoWorld } from "./scripted/demo-world.ts";
import { serveWorld } from "./scripted/server.ts";
import { beginSession } from "./scripted/session-routes.ts";
import { emptyWorld } from "./scripted/world.ts";

interface Look {
  name: string;
  width: number;
  height: number;
  colorScheme: "light" | "dark";
  isMobile: boolean;
}

const LOOKS: Look[] = [
  { name: "light", width: 1280, height: 800, colorScheme: "light", isMobile: false },
  { name: "dark", width: 1280, height: 800, colorScheme: "dark", isMobile: false },
  { name: "phone", width: 390, height: 780, colorScheme: "light", isMobile: true },
  { name: "phone-dark", width: 390, height: 780, colorScheme: "dark", isMobile: true },
];

interface Shot {
  name: string;
  path: string;
  /** What has to be seen before the picture is taken. */
  ready: string;
  /** What is done before. */
  before?: (page: Page) => Promise<void>;
}

const SHOTS: Shot[] = [
  { name: "start", path: "/", ready: "textarea" },
  { name: "conversation", path: "/c/MAIN", ready: "table" },
  {
    name: "models-menu",
    path: "/",
    ready: "textarea",
    before: async (page) => {
      await page.getByRole("button", { name: /^Model/ }).click();
      await page.getByRole("menuitemradio").first().waitFor();
    },
  },
  { name: "search", path: "/search?q=llama", ready: "mark" },
  { name: "commands", path: "/", ready: "textarea", before: (page) => page.keyboard.press("Control+k") },
  { name: "prompts", path: "/prompts", ready: "main h2" },
  { name: "settings", path: "/settings", ready: "select" },
  { name: "models", path: "/operate/models", ready: "table" },
  { name: "replicas", path: "/operate/replicas", ready: "table" },
  { name: "usage", path: "/operate/usage", ready: "svg[role=img]" },
  { name: "keys", path: "/operate/keys", ready: "table" },
  { name: "members", path: "/operate/members", ready: "table" },
  { name: "audit", path: "/operate/audit", ready: "table" },
  { name: "health", path: "/operate/health", ready: "dl" },
];

async function shootLook(browser: Browser, look: Look, folder: string, only: RegExp): Promise<void> {
  const { world, owner } = demoWorld();
  const server = await serveWorld(world);
  const main = [...world.conversations.values()][0]!.id;
  const { width, height, colorScheme, isMobile } = look;
  const options = { viewport: { width, height }, colorScheme, isMobile, hasTouch: isMobile, locale: "en" };
  const take = async (page: Page, shot: Shot) => {
    await page.goto(server.url + shot.path.replace("MAIN", main));
    await page.locator(shot.ready).first().waitFor();
    await shot.before?.(page);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    await page.screenshot({ timeout: 90_000, path: join(folder, `${shot.name}-${look.name}.png`), animations: "disabled" });
  };
  const context = await browser.newContext(options);
  await signInContext(context, server.url, beginSession(world, owner));
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  for (const shot of SHOTS) if (only.test(shot.name)) await take(page, shot);
  await context.close();
  if (only.test("first-visit")) {
    const fresh = await serveWorld(emptyWorld());
    const visitor = await browser.newContext(options);
    const visit = await visitor.newPage();
    await visit.goto(fresh.url);
    await visit.getByRole("textbox").first().waitFor();
    await visit.evaluate(() => document.fonts.ready);
    await visit.screenshot({ path: join(folder, `first-visit-${look.name}.png`), animations: "disabled" });
    await visitor.close();
    await fresh.close();
  }
  await server.close();
}

/** Takes a picture of every page in light, dark and phone width. */
export async function shoot(folder: string, only = /./, looks = /./): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await startBrowser();
  try {
    for (const look of LOOKS) if (looks.test(look.name)) await shootLook(browser, look, folder, only);
  } finally {
    await browser.close();
  }
}
