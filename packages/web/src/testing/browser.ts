import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The system's Chromium; undefined where there is none. Tests that need it are skipped by name. */
export const chromiumPath = (): string | undefined => process.env["CHROMIUM"] ?? PLACES.find((path) => existsSync(path));

export function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) throw new Error("There is no Chromium on this machine.");
  // As root, which Chromium's own sandbox refuses.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Gives a context the session that `token` stands for. */
export const signInContext = (context: BrowserContext, url: string, token: string): Promise<void> =>
  context.addCookies([{ name: "arriero_session", value: token, url }]);
