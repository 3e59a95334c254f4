import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";

describeInBrowser("the operators' pages", ({ visit }) => {
  it("pulls a model, and shows how far it is", async () => {
    const { world, owner } = demoWorld();
    world.paceMs = 60;
    const { page, server } = await visit(world, owner);
    await page.goto(`${server.url}/operate/models`);
    await page.getByLabel("Get a model").fill("smollm3-3b");
    await page.getByRole("button", { name: "Pull" }).click();
    await expect.poll(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toMatch(/[1-9]0/);
    await page.getByText("smollm3-3b is here.").waitFor();
    await page.getByRole("cell", { name: /smollm3-3b/ }).waitFor();
  });

  it("makes a key, shows it once, and revokes it", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    await page.goto(`${server.url}/operate/keys`);
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("browser test");
    await dialog.getByRole("button", { name: "New key" }).click();
    expect(await dialog.locator("code").textContent()).toMatch(/^arr_/);
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page
      .getByRole("row", { name: /browser test/ })
      .getByRole("button", { name: "Revoke" })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await expect.poll(() => world.keys.find((key) => key.name === "browser test")?.state).toBe("revoked");
  });

  it("invites somebody, and hands the link over where no mail goes out", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    await page.goto(`${server.url}/operate/members`);
    await page.getByRole("button", { name: "Invite" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("E-mail").fill("new@example.org");
    await dialog.getByRole("button", { name: "Invite" }).click();
    expect(await dialog.locator("code").textContent()).toContain("/invitation#");
  });

  it("offers members their own pages alone", async () => {
    const { world } = demoWorld();
    const member = world.accounts.find((one) => one.role === "member")!;
    const { page, server } = await visit(world, member);
    await page.goto(`${server.url}/operate/keys`);
    await page.getByRole("navigation", { name: "Operate" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Operate" }).getByRole("link").allTextContents()).toEqual([
      "Usage and cost",
      "Keys",
    ]);
    await page.goto(`${server.url}/operate/models`);
    await page.getByText("There is nothing here").waitFor();
  });
});
