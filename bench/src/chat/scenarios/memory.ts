import { growth } from "../../gateway/scenarios/soak.ts";
import type { Measurement } from "../../scenarios/scenario.ts";
import { api } from "../browser.ts";
import { MODEL } from "../chat-server.ts";
import { PACE } from "../paced-model.ts";
import type { ChatContext } from "./context.ts";

/** Of one answer. */
const ANSWER_SECONDS = 30;
const SAMPLE_MS = 3_000;

/** Answer after answer streams into one tab; what the page's scripts hold is measured, after what they dropped is collected. */
export async function memory(context: ChatContext): Promise<readonly Measurement[]> {
  const { browser, note, options, url } = context;
  const page = await browser.newPage();
  await page.goto(url);
  const parameters = { maxTokens: PACE * ANSWER_SECONDS };
  const { id } = await api<{ id: string }>(page, "POST", "/api/conversations", { model: MODEL, parameters });
  await page.goto(`${url}/c/${id}`);
  const devtools = await browser.newCDPSession(page);
  const heaps: number[] = [];
  const nodes: number[] = [];
  const until = performance.now() + options.minutes * 60_000;
  const field = page.getByPlaceholder("Write a message");
  const send = page.getByRole("button", { name: "Send" });
  let answers = 0;
  while (performance.now() < until) {
    if (await send.isVisible()) {
      await field.fill(`Question ${++answers}`);
      await page.keyboard.press("Enter");
    }
    await page.waitForTimeout(SAMPLE_MS);
    await devtools.send("HeapProfiler.collectGarbage");
    heaps.push((await devtools.send("Runtime.getHeapUsage")).usedSize);
    nodes.push((await devtools.send("Memory.getDOMCounters")).nodes);
  }
  await page.close();
  const { early, late } = growth(heaps);
  note(`memory  ${answers} answers, ${heaps.length} samples`);
  const baseline = (value: number | null) => (value === null ? {} : { baseline: [value] });
  const grown = growth(nodes);
  return [
    { name: "memory.heap", unit: "bytes", ours: late === null ? [] : [late], peer: [], ...baseline(early) },
    { name: "memory.nodes", unit: "count", ours: grown.late === null ? [] : [grown.late], peer: [], ...baseline(grown.early) },
  ];
}
