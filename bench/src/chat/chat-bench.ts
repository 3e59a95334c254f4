import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchOutput } from "../bench-output.ts";
import { describeMachine } from "../report/machine.ts";
import { metricOf } from "../report/metric.ts";
import { ratioTable } from "../report/table.ts";
import type { Measurement } from "../scenarios/scenario.ts";
import { ownerOf, startBrowser } from "./browser.ts";
import { startChatServer } from "./chat-server.ts";
import { importLong } from "./long-conversation.ts";
import { type ChatBenchOptions, PARTS, parseChatOptions } from "./options.ts";
import type { ChatContext } from "./scenarios/context.ts";
import { memory } from "./scenarios/memory.ts";
import { open } from "./scenarios/open.ts";
import { typing } from "./scenarios/typing.ts";
import { CHAT_TARGETS } from "./targets.ts";

const RESULTS = fileURLToPath(new URL("../../results", import.meta.url));
const MESSAGES = 5_000;

/** The page in Chromium, on `arriero up` with the embedded database. There is no peer: targets are of our own values. */
export async function chatBench(parameters: readonly string[], output: BenchOutput): Promise<void> {
  const options = parseChatOptions(parameters, process.env);
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const workFolder = resolve(options.workFolder);
  await mkdir(workFolder, { recursive: true });
  const server = await startChatServer(workFolder);
  try {
    const samples = await measure(options, server.url, output.note);
    const metrics = samples.map(metricOf);
    const { minutes, rounds, seconds, size } = options;
    const results = { bench: "chat", startedAt, size, messages: MESSAGES, rounds, seconds, minutes, machine, metrics, samples };
    const folder = size === "full" && options.parts.size === PARTS.length ? RESULTS : join(workFolder, "results");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "chat.json"), `${JSON.stringify(results, null, 2)}\n`);
    output.note(`wrote ${join(folder, "chat.json")}`);
    const title = `chat${size === "quick" ? " (quick: not for quoting)" : ""}`;
    output.print(
      options.json ? JSON.stringify({ metrics }) : ratioTable({ title, peer: "before", targets: CHAT_TARGETS }, metrics),
    );
  } finally {
    await server.stop();
  }
}

async function measure(options: ChatBenchOptions, url: string, note: (line: string) => void): Promise<readonly Measurement[]> {
  const chromium = await startBrowser(process.env);
  try {
    const browser = await ownerOf(chromium, url);
    const context: ChatContext = { options, url, browser, note };
    const page = await browser.newPage();
    await page.goto(url);
    const id = await importLong(page, MESSAGES);
    await page.close();
    return [
      ...(options.parts.has("open") ? await open(context, id, MESSAGES) : []),
      ...(options.parts.has("typing") ? await typing(context, id) : []),
      ...(options.parts.has("memory") ? await memory(context) : []),
    ];
  } finally {
    await chromium.close();
  }
}
