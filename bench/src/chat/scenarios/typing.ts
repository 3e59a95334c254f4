import type { CDPSession, Page } from "playwright-core";
import type { Measurement } from "../../scenarios/scenario.ts";
import { percentile } from "../../stats/percentile.ts";
import { api } from "../browser.ts";
import { MODEL } from "../chat-server.ts";
import { frameWork, type TraceEvent } from "../frames.ts";
import { PACE } from "../paced-model.ts";
import type { ChatContext } from "./context.ts";

/** Between two keys: a fast typist. */
const KEY_MS = 80;
const WORDS = "while the answer comes one writes the next question and goes on writing it ";

/** Draws every frame, and keeps how long each was shown. */
const WATCH_FRAMES = `
  window.shown = [];
  let before = performance.now();
  const look = (now) => { window.shown.push(now - before); before = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);`;

/** One types in the long conversation while its newest answer streams. */
export async function typing(context: ChatContext, id: string): Promise<readonly Measurement[]> {
  const { browser, note, options, url } = context;
  const page = await browser.newPage();
  await page.goto(`${url}/c/${id}`);
  await page.getByRole("article").first().waitFor();
  const tokens = PACE * (options.seconds + 10);
  await api(page, "PATCH", `/api/conversations/${id}`, { model: MODEL, parameters: { maxTokens: tokens } });
  const field = page.getByPlaceholder("Write a message");
  await field.fill("Tell me all of it");
  await page.keyboard.press("Enter");
  await page
    .getByRole("article", { name: "Answering" })
    .locator("p")
    .first()
    .waitFor()
    .catch(async () => {
      const last = (await page.getByRole("article").last().textContent()) ?? "";
      throw new Error(`no answer came; the page says: ${last.slice(-500)}`);
    });
  await page.evaluate(WATCH_FRAMES);
  const devtools = await browser.newCDPSession(page);
  const events = await traced(devtools, () => type(page, options.seconds));
  const shown = (await page.evaluate("window.shown")) as number[];
  if ((await field.inputValue()).length === 0 || (await page.getByRole("article", { name: "Answering" }).count()) === 0)
    throw new Error("the answer ended before the typing did");
  await page.getByRole("button", { name: "Stop" }).click();
  await page.close();
  const work = frameWork(events, "dur");
  const cpu = frameWork(events, "tdur");
  note(`typing  ${work.length} frames, work p50 ${percentile(work, 0.5).toFixed(1)} ms`);
  return [
    { name: "typing.frame.p50", unit: "ms", ours: [percentile(work, 0.5)], peer: [] },
    { name: "typing.frame.p99", unit: "ms", ours: [percentile(work, 0.99)], peer: [] },
    { name: "typing.frame.worst", unit: "ms", ours: [Math.max(...work)], peer: [] },
    { name: "typing.cpu.p99", unit: "ms", ours: [percentile(cpu, 0.99)], peer: [] },
    { name: "typing.shown.p99", unit: "ms", ours: [percentile(shown, 0.99)], peer: [] },
  ];
}

async function type(page: Page, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (let at = 0; performance.now() < until; at++) {
    await page.keyboard.press(WORDS[at % WORDS.length] === " " ? "Space" : WORDS[at % WORDS.length]!);
    await page.waitForTimeout(KEY_MS);
  }
}

/** What Chromium notes of its tasks and frames while `work` goes on. */
async function traced(devtools: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const timeline = ["devtools.timeline", "disabled-by-default-devtools.timeline"];
  const includedCategories = ["__metadata", ...timeline, ...timeline.map((each) => `${each}.frame`)];
  await devtools.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories, excludedCategories: ["*"] },
  });
  await work();
  const complete = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
  await devtools.send("Tracing.end");
  await complete;
  return events;
}
