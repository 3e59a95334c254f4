import type { CDPSession, Page } from "playwright-core";
import { residentSize } from "../../gateway/resident-size.ts";
import { growth } from "../../gateway/scenarios/soak.ts";
import type { Measurement } from "../../scenarios/scenario.ts";
import { slope } from "../../stats/slope.ts";
import { api } from "../browser.ts";
import { MODEL } from "../chat-server.ts";
import { PACE } from "../paced-model.ts";
import type { ChatContext } from "./context.ts";

/** Of one answer. */
const ANSWER_SECONDS = 30;
const SAMPLE_MS = 3_000;
const MINUTE_MS = 60_000;

interface Sample {
  /** Since the streaming began, minutes. */
  readonly at: number;
  /** What the page's scripts hold, after what they dropped was collected. */
  readonly heap: number;
  readonly nodes: number;
  /** Of the tab's process; null where the system does not tell. */
  readonly rss: number | null;
}

/** Answer after answer streams into one tab; what it holds is measured as it goes on. */
export async function memory(context: ChatContext): Promise<readonly Measurement[]> {
  const { browser, note, options, url } = context;
  const page = await browser.newPage();
  await page.goto(url);
  const parameters = { maxTokens: PACE * ANSWER_SECONDS };
  const { id } = await api<{ id: string }>(page, "POST", "/api/conversations", { model: MODEL, parameters });
  await page.goto(`${url}/c/${id}`);
  const samples = await watched(page, await browser.newCDPSession(page), await tabOf(context), options.minutes, note);
  await page.close();
  const sizes = samples.flatMap(({ rss }) => (rss === null ? [] : [rss]));
  return [
    grown(
      "memory.heap",
      "bytes",
      samples.map(({ heap }) => heap),
    ),
    perMinute(samples),
    grown("memory.rss", "bytes", sizes),
    grown(
      "memory.nodes",
      "count",
      samples.map(({ nodes }) => nodes),
    ),
  ];
}

async function watched(page: Page, devtools: CDPSession, pid: number | null, minutes: number, note: (line: string) => void) {
  const samples: Sample[] = [];
  const field = page.getByPlaceholder("Write a message");
  const send = page.getByRole("button", { name: "Send" });
  const began = performance.now();
  let answers = 0;
  for (let told = 1; performance.now() - began < minutes * MINUTE_MS; ) {
    if (await send.isVisible()) {
      await field.fill(`Question ${++answers}`);
      await page.keyboard.press("Enter");
    }
    await page.waitForTimeout(SAMPLE_MS);
    await devtools.send("HeapProfiler.collectGarbage");
    const heap = (await devtools.send("Runtime.getHeapUsage")).usedSize;
    const { nodes } = await devtools.send("Memory.getDOMCounters");
    const at = (performance.now() - began) / MINUTE_MS;
    const rss = pid === null ? null : residentSize(pid);
    samples.push({ at, heap, nodes, rss });
    if (at < told) continue;
    told = Math.floor(at) + 1;
    note(
      `memory  ${at.toFixed(1)} min, ${answers} answers: heap ${inMegabytes(heap)}, process ${inMegabytes(rss)}, ${nodes} nodes`,
    );
  }
  return samples;
}

const inMegabytes = (bytes: number | null) => (bytes === null ? "-" : `${(bytes / 1e6).toFixed(1)} MB`);

/** The process of the only tab: the busiest of the browser's renderers. */
async function tabOf({ browser }: ChatContext): Promise<number | null> {
  const devtools = await browser.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await devtools?.send("SystemInfo.getProcessInfo")) ?? {};
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  await devtools?.detach();
  return renderers.sort((a, b) => b.cpuTime - a.cpuTime)[0]?.id ?? null;
}

function grown(name: string, unit: "bytes" | "count", values: readonly number[]): Measurement {
  const { early, late } = growth(values);
  return { name, unit, ours: late === null ? [] : [late], peer: [], ...(early === null ? {} : { baseline: [early] }) };
}

/** What the heap grows by in a minute, once the first answers are there. */
function perMinute(samples: readonly Sample[]): Measurement {
  const grows = slope(samples.slice(Math.floor(samples.length / 5)).map(({ at, heap }) => ({ x: at, y: heap })));
  return { name: "memory.heap.minute", unit: "bytes", ours: grows === null ? [] : [grows], peer: [] };
}
