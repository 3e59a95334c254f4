import type { Page } from "playwright-core";
import type { Measurement } from "../../scenarios/scenario.ts";
import { LONG_TITLE, lastWords } from "../long-conversation.ts";
import type { ChatContext } from "./context.ts";

/**
 * Resolves in the page once the words are drawn: they are a paragraph of the last article, set as markdown and in sight, and
 * two frames have passed. The page's clock, ms.
 */
const whenDrawn = (words: string): string => `new Promise((drawn) => {
  const look = () => {
    const articles = document.querySelectorAll("article");
    const last = articles[articles.length - 1];
    const isSet = last && [...last.querySelectorAll("p")].some((one) => one.textContent === ${JSON.stringify(words)});
    if (isSet && last.getBoundingClientRect().top < innerHeight) requestAnimationFrame(() => requestAnimationFrame(() => drawn(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
})`;

/** How long the server took for the messages, as the page saw it. */
const MESSAGES_MS = `performance.getEntriesByType("resource").filter(({ name }) => name.includes("/messages")).at(-1)?.duration ?? NaN`;

/** The conversation of thousands of messages is opened, by its link in an open page and as a page that is loaded. */
export async function open(context: ChatContext, id: string, messages: number): Promise<readonly Measurement[]> {
  const { browser, note, options, url } = context;
  const page = await browser.newPage();
  const clicks: number[] = [];
  const servers: number[] = [];
  const loads: number[] = [];
  // The first time is for the caches of both sides.
  for (let round = 0; round <= options.rounds; round++) {
    await page.goto(url);
    const link = page.getByRole("link", { name: LONG_TITLE });
    await link.waitFor();
    await page.waitForLoadState("networkidle");
    const click = await byClick(page, messages);
    const server = (await page.evaluate(MESSAGES_MS)) as number;
    await page.goto(`${url}/c/${id}`, { waitUntil: "commit" });
    const load = (await page.evaluate(whenDrawn(lastWords(messages)))) as number;
    if (round === 0) continue;
    clicks.push(click);
    servers.push(server);
    loads.push(load);
    note(`open  ${click.toFixed(0)} ms by its link (server ${server.toFixed(0)} ms), ${load.toFixed(0)} ms as a page`);
  }
  await page.close();
  return [
    { name: "open.click", unit: "ms", ours: clicks, peer: [] },
    { name: "open.server", unit: "ms", ours: servers, peer: [] },
    { name: "open.load", unit: "ms", ours: loads, peer: [] },
  ];
}

async function byClick(page: Page, messages: number): Promise<number> {
  return (await page.evaluate(`(async () => {
    const link = [...document.querySelectorAll("aside a")].find((one) => one.textContent.includes(${JSON.stringify(LONG_TITLE)}));
    const clicked = performance.now();
    link.click();
    return (await ${whenDrawn(lastWords(messages))}) - clicked;
  })()`)) as number;
}
