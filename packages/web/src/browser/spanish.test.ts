import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { demoWorld } from "../testing/scripted/demo-world.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

describeInBrowser("Spanish", ({ visit }) => {
  it("is what a Spanish browser gets, from the first visit", async () => {
    const { page } = await visit(emptyWorld(), undefined, { locale: "es-BO" });
    await page.getByRole("heading", { name: "Preparar Arriero" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("es");
  });

  it("can be chosen, and is kept", async () => {
    const { world, owner } = demoWorld();
    const { page, server } = await visit(world, owner);
    await page.goto(`${server.url}/settings`);
    await page.getByLabel("Language").selectOption("es");
    await page.getByRole("heading", { name: "Ajustes" }).waitFor();
    await page.goto(`${server.url}/operate/replicas`);
    await page.getByRole("heading", { name: "Réplicas" }).waitFor();
    expect(owner.settings.language).toBe("es");
  });
});
