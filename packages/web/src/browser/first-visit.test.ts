import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

describeInBrowser("the first visit", ({ visit }) => {
  it("makes the owner, and comes to a first answer", async () => {
    const world = emptyWorld();
    world.answer = () => "Twelve llamas **carry** three hundred kilograms.";
    const { page } = await visit(world);
    await page.getByLabel("Your name").fill("Inés");
    await page.getByLabel("E-mail").fill("ines@example.org");
    await page.getByLabel("Password").fill("long enough words");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByPlaceholder("Write a message").fill("How much do they carry?");
    await page.getByRole("button", { name: "Send" }).click();
    const answer = page.getByRole("article", { name: "Answer", exact: true });
    await answer.getByText("three hundred kilograms").waitFor();
    expect(await answer.locator("strong").textContent()).toBe("carry");
    expect(new URL(page.url()).pathname).toMatch(/^\/c\//);
    expect(world.accounts[0]?.role).toBe("owner");
    await page.getByRole("link", { name: "How much do they carry?" }).waitFor();
  });

  it("says what was refused at sign-in, and lets in who belongs", async () => {
    const { demoWorld, OWNER } = await import("../testing/scripted/demo-world.ts");
    const { world } = demoWorld();
    const { page } = await visit(world);
    await page.getByLabel("E-mail").fill(OWNER.email);
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("belong to no account").waitFor();
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "What shall we carry today?" }).waitFor();
  });

  it("asks to sign in again when a session has ended, and goes on where one was", async () => {
    const { demoWorld, OWNER } = await import("../testing/scripted/demo-world.ts");
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    const main = [...world.conversations.values()][0]!;
    await page.goto(`${server.url}/c/${main.id}`);
    await page.getByRole("article").first().waitFor();
    world.sessions.clear();
    await page.getByPlaceholder("Write a message").fill("Nobody hears this");
    await page.keyboard.press("Enter");
    await page.getByText("Your session has ended.").waitFor();
    await page.getByLabel("E-mail").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: main.title, level: 1 }).waitFor();
    expect(await page.getByPlaceholder("Write a message").inputValue()).toBe("Nobody hears this");
  });
});
