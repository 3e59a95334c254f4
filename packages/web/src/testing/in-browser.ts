import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { chromiumPath, signInContext, startBrowser } from "./browser.ts";
import { type ScriptedServer, serveWorld } from "./scripted/server.ts";
import { beginSession } from "./scripted/session-routes.ts";
import type { Account, World } from "./scripted/world.ts";

/**
 * What the server refuses is part of a test; the page says it to the reader. The inline styles are those of formulas: KaTeX's
 * markup is read in a document of its own, where the policy ignores them, before React sets them one by one.
 */
const EXPECTED = /^(Failed to load resource|Applying inline style violates)/;

interface Visit {
  page: Page;
  context: BrowserContext;
  server: ScriptedServer;
}

export interface Browsing {
  /** A page of `world`; signed in as `account` where one is given. */
  visit: (world: World, account?: Account, options?: BrowserContextOptions) => Promise<Visit>;
}

/**
 * Tests in a real Chromium, each with a server of its own. What the page logs as an error, throws, or tries against its
 * content policy fails the test.
 */
export function describeInBrowser(name: string, tests: (browsing: Browsing) => void): void {
  describe.skipIf(chromiumPath() === undefined)(`in a browser: ${name}`, { timeout: 180_000 }, () => {
    let browser: Browser;
    const open: { context: BrowserContext; server: ScriptedServer }[] = [];
    const faults: string[] = [];

    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterEach(async () => {
      for (const { context, server } of open.splice(0)) {
        await context.close();
        await server.close();
      }
      expect(faults.splice(0)).toEqual([]);
    });
    afterAll(() => browser?.close());

    tests({
      visit: async (world, account, options = {}) => {
        const server = await serveWorld(world);
        const context = await browser.newContext({ locale: "en", ...options });
        open.push({ context, server });
        context.on("weberror", (error) => faults.push(String(error.error())));
        context.on("console", (message) => {
          // What the frame of diagrams holds back was tried in vain: that is what it is for.
          if (message.location().url.startsWith(`${server.url}/diagram/`)) return;
          if (message.type() === "error" && !EXPECTED.test(message.text())) faults.push(message.text());
        });
        if (account) await signInContext(context, server.url, beginSession(world, account));
        const page = await context.newPage();
        page.setDefaultTimeout(45_000);
        await page.goto(server.url);
        return { page, context, server };
      },
    });
  });
}
