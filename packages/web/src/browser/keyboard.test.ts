import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";

describeInBrowser("without a mouse", ({ visit }) => {
  it("asks, goes elsewhere and comes back", async () => {
    const { world, owner } = demoWorld();
    world.paceMs = 1;
    const { page } = await visit(world, owner);
    await page.getByPlaceholder("Write a message").waitFor();
    await page.keyboard.type("By keys alone");
    await page.keyboard.press("Enter");
    await page.getByText("You said: By keys alone").waitFor();

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("replicas");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Replicas" }).waitFor();

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("keys alone");
    await page.getByRole("option", { name: /By keys alone/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("You said: By keys alone").waitFor();

    await page.keyboard.press("Control+Shift+O");
    await page.getByRole("heading", { name: "What shall we carry today?" }).waitFor();
  });

  it("shows where the focus is on all that can be reached", async () => {
    const { world, owner } = demoWorld();
    const { page } = await visit(world, owner);
    await page.getByPlaceholder("Write a message").waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const seen = new Set<string>();
    for (let press = 0; press < 25; press++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const style = getComputedStyle(element);
        const frame = getComputedStyle(element.closest("form") ?? element);
        const marked =
          style.outlineStyle !== "none" ||
          element.tagName === "TEXTAREA" ||
          element.tagName === "INPUT" ||
          frame.outlineStyle !== "none";
        return { name: element.getAttribute("aria-label") ?? element.textContent ?? "", marked, body: element === document.body };
      });
      if (at.body) continue;
      expect(at).toMatchObject({ marked: true });
      seen.add(at.name);
    }
    expect([...seen].join("|")).toContain("Model: qwen3-4b");
  });
});
