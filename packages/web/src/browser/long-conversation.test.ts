import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { addMessage } from "../testing/scripted/answers.ts";
import { addConversation } from "../testing/scripted/chat-routes.ts";
import { addAccount } from "../testing/scripted/session-routes.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

const MESSAGES = 5_000;

describeInBrowser("a long conversation", ({ visit }) => {
  it("opens with its end, and holds only what is in sight", async () => {
    const world = emptyWorld();
    const owner = addAccount(world, "Inés", "ines@example.org", "long enough words");
    const conversation = addConversation(world, owner, { title: "Long" });
    for (let at = 0; at < MESSAGES; at++) {
      addMessage(world, conversation, {
        role: at % 2 === 0 ? "user" : "assistant",
        text: `Message number ${at}. ${"Some more. ".repeat(20)}`,
      });
    }
    const { page } = await visit(world, owner);
    await page.getByRole("link", { name: "Long" }).click();
    await page.getByText(`Message number ${MESSAGES - 1}.`).waitFor();
    expect(await page.getByRole("article").count()).toBeLessThan(60);
    const log = page.getByRole("log");
    await expect
      .poll(async () => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight))
      .toBeLessThan(150);
  });
});
