import { expect, it } from "vitest";
import { describeInBrowser } from "../testing/in-browser.ts";
import { addAccount } from "../testing/scripted/session-routes.ts";
import { emptyWorld } from "../testing/scripted/world.ts";

describeInBrowser("branches", ({ visit }) => {
  it("edits a question beside the first, answers anew, and goes between the versions", async () => {
    const world = emptyWorld();
    let count = 0;
    world.answer = (question) => `Answer ${++count} to ${question}`;
    world.paceMs = 1;
    const owner = addAccount(world, "Inés", "ines@example.org", "long enough words");
    const { page } = await visit(world, owner);
    await page.getByPlaceholder("Write a message").fill("first wording");
    await page.keyboard.press("Enter");
    await page.getByText("Answer 1 to first wording").waitFor();

    const question = page.getByRole("article", { name: "You" });
    await question.hover();
    await question.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Edit").fill("second wording");
    await page.getByRole("button", { name: "Send as a new version" }).click();
    await page.getByText("Answer 2 to second wording").waitFor();
    expect(await page.getByText("Answer 1 to first wording").count()).toBe(0);

    const answer = page.getByRole("article", { name: "Answer", exact: true });
    await answer.hover();
    await answer.getByRole("button", { name: "Another answer" }).click();
    await page.getByText("Answer 3 to second wording").waitFor();
    await page.getByRole("group", { name: "Version 2 of 2" }).nth(1).waitFor();

    await question.getByRole("button", { name: "Previous version" }).click();
    await page.getByText("Answer 1 to first wording").waitFor();
    await page.reload();
    await page.getByText("Answer 1 to first wording").waitFor();
    await page.getByRole("group", { name: "Version 1 of 2" }).waitFor();
  });
});
