import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";

const LONG = Array.from({ length: 120 }, (_, at) => `word${at}`).join(" ");

async function askFrom(page: Page, question: string): Promise<void> {
  await page.getByPlaceholder("Write a message").fill(question);
  await page.keyboard.press("Enter");
}

const whole = (page: Page) => page.getByRole("article", { name: "Answer", exact: true }).last();

describeInBrowser("an answer that outlives the page", ({ visit }) => {
  it("goes on over a reload, and is the same in a second tab", async () => {
    const { world, owner } = demoWorld();
    world.answer = () => LONG;
    world.paceMs = 40;
    const { page, context } = await visit(world, owner);
    await askFrom(page, "Count");
    await page.getByText("word5 ").waitFor();
    await page.reload();
    const second = await context.newPage();
    await second.goto(page.url());
    for (const one of [page, second]) {
      await whole(one).getByText("word119").waitFor();
      expect((await whole(one).locator("p").first().textContent())?.trim()).toBe(LONG);
    }
  });

  it("stops where it stands, and keeps what was written", async () => {
    const { world, owner } = demoWorld();
    world.answer = () => LONG;
    world.paceMs = 250;
    const { page } = await visit(world, owner);
    await askFrom(page, "Count");
    await page.getByText("word3 ").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this answer.").waitFor();
    const kept = [...world.messages.values()].at(-1)!;
    expect(kept.state).toBe("stopped");
    expect((await whole(page).locator("p").first().textContent())?.trim()).toBe(kept.text.trim());
    await page.reload();
    await page.getByText("You stopped this answer.").waitFor();
  });

  it("keeps what was written when the server refuses it", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    await page.getByPlaceholder("Write a message").waitFor();
    await server.close();
    await askFrom(page, "Is anybody there?");
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    expect(await page.getByPlaceholder("Write a message").inputValue()).toBe("Is anybody there?");
  });
});
