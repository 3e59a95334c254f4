import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

const PAGES: readonly [path: string, ready: string][] = [
  ["/", "textarea"],
  ["/c/MAIN", "table"],
  ["/search?q=llama", "mark"],
  ["/prompts", "main h2"],
  ["/settings", "select"],
  ["/operate/models", "table"],
  ["/operate/replicas", "table"],
  ["/operate/usage", "svg[role=img]"],
  ["/operate/keys", "table"],
  ["/operate/members", "table"],
  ["/operate/audit", "table"],
  ["/operate/health", "dl"],
  ["/nowhere", "h2"],
];

interface Found {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** Serious findings of axe in light, and what dark adds: only colours differ. One line each. */
async function findings(page: Page): Promise<string[]> {
  // Past the page's content policy, as a tester's tool is.
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const [colorScheme, rules] of Object.entries({ light: "", dark: ", runOnly: ['color-contrast']" })) {
    await page.emulateMedia({ colorScheme: colorScheme as "light" | "dark" });
    const { violations } = (await page.evaluate(`axe.run(document, { resultTypes: ['violations']${rules} })`)) as Found;
    for (const { id, impact, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      found.push(...nodes.map(({ html }) => `${new URL(page.url()).pathname} ${colorScheme} ${id}: ${html.slice(0, 160)}`));
    }
  }
  return found;
}

describeInBrowser("for everyone", ({ visit }) => {
  it("has no serious finding on any page, light or dark", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner, { reducedMotion: "reduce" });
    const main = [...world.conversations.values()][0]!.id;
    const found: string[] = [];
    for (const [path, ready] of PAGES) {
      await page.goto(server.url + path.replace("MAIN", main));
      await page.locator(ready).first().waitFor();
      found.push(...(await findings(page)));
    }
    expect(found).toEqual([]);
  }, 120_000);

  it("has none at the door", async () => {
    const { page } = await visit(emptyWorld(), undefined, { reducedMotion: "reduce" });
    await page.getByRole("textbox").first().waitFor();
    expect(await findings(page)).toEqual([]);
  });
});
