import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";

describeInBrowser("conversations", ({ visit }) => {
  it("finds a message by its words", async () => {
    const { world, owner } = demoWorld();
    const { page } = await visit(world, owner);
    await page.getByRole("link", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("slowest animal");
    await page.locator("mark").first().waitFor();
    expect(await page.locator("mark").first().textContent()).toBe("slowest animal");
    await page
      .getByRole("link", { name: /A steady pace over the pass/ })
      .last()
      .click();
    await page.getByText("Plan for the slowest animal").waitFor();
  });

  it("renames, pins, moves, archives and deletes", async () => {
    const { world, owner } = demoWorld();
    const { page } = await visit(world, owner);
    const row = (title: string) =>
      page.locator("aside div", { has: page.getByRole("link", { name: title, exact: true }) }).last();
    const choose = async (title: string, item: string) => {
      await row(title).hover();
      await row(title).getByRole("button", { name: "More about this conversation" }).click();
      await page
        .getByRole("menuitem", { name: item, exact: true })
        .or(page.getByRole("menuitemradio", { name: item, exact: true }))
        .click();
    };
    await choose("Compare two LoRA adapters", "Rename");
    await page.getByRole("textbox", { name: "Rename" }).fill("Two adapters");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: "Two adapters" }).waitFor();
    await choose("Two adapters", "Pin");
    await expect.poll(() => named(world, "Two adapters")?.pinned).toBe(true);
    await choose("Two adapters", "Route planning");
    await expect.poll(() => named(world, "Two adapters")?.folderId).toBe("fld_route");
    await choose("Two adapters", "Archive");
    await expect.poll(() => page.getByRole("link", { name: "Two adapters" }).count()).toBe(0);
    await choose("Names for the new lead llama", "Delete");
    await page.getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => named(world, "Names for the new lead llama")).toBeUndefined();
  });

  it("changes model and adapter by the words in the composer, and keeps parameters", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    const main = named(world, "A steady pace over the pass")!;
    await page.goto(`${server.url}/c/${main.id}`);
    await page.getByRole("button", { name: "Adapter: no adapter" }).click();
    await page.getByRole("menuitemradio", { name: "quechua" }).click();
    await page.getByRole("button", { name: "Adapter: quechua" }).waitFor();
    expect(main.adapter).toBe("quechua");
    await page.getByRole("button", { name: "Model: qwen3-4b" }).click();
    expect(await page.getByRole("menuitemradio", { name: /llama-4-maverick/ }).getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "System prompt and parameters" }).first().click();
    await page.getByLabel("System prompt", { exact: true }).fill("Answer in verse.");
    await page.getByLabel("Temperature").fill("0.3");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => main.system).toBe("Answer in verse.");
    expect(main.parameters).toEqual({ temperature: 0.3 });
  });
});

const named = (world: ReturnType<typeof demoWorld>["world"], title: string) =>
  [...world.conversations.values()].find((one) => one.title === title);
