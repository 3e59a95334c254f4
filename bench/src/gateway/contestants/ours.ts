import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { CLI } from "../../servers/our-store.ts";
import { firstOf, spawnProcess } from "../spawned.ts";
import { whenAnswering } from "../when-answering.ts";
import { type Contestant, type ContestantContext, MODEL } from "./contestant.ts";

const READY_MS = 120_000;

/**
 * More than the streams of one scenario; everything else is as a newcomer has it. The second backend is out of the
 * policy: what keeps requests from it is at work, and nothing ever reaches it.
 */
const CONFIG = (upstreamPort: number) => `
requireKey: true
limits: { requests: 8192, connections: 8192 }
residency: { allowedRegions: ["eu-*"] }
prices:
  - { model: ${MODEL}, prompt: 0.5, completion: 1.5 }
models:
  ${MODEL}:
    backends:
      - { id: near, kind: openai, url: "http://127.0.0.1:${upstreamPort}/v1", boundary: contractual, regions: [eu-west-1] }
      - { id: twin, kind: openai, url: "http://127.0.0.1:${upstreamPort}/v1", boundary: contractual, regions: [eu-central-1] }
      - { id: far, kind: openai, url: "http://127.0.0.1:${upstreamPort}/v1", boundary: contractual, regions: [us-east-1] }
`;

/** `arriero up` with an issued key that has limits, a ledger that is written, and a model with three backends. */
export async function startOurs({ upstreamPort, workFolder }: ContestantContext): Promise<Contestant> {
  const folder = join(workFolder, "gateway");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const configPath = join(folder, "arriero.yaml");
  await writeFile(configPath, CONFIG(upstreamPort));
  const home = join(folder, "home");
  const logPath = join(folder, "ours.log");
  const create = spawnProcess(
    process.execPath,
    [
      ...[CLI, "key", "create", "bench", "--json", "--home", home, "--models", MODEL],
      ...["--requests-per-minute", "100000000", "--tokens-per-minute", "1000000000"],
    ],
    { logPath },
  );
  const { key } = await firstOf(create, "arriero key create", (line) => JSON.parse(line) as { key: string });
  await create.exited;
  const spawned = spawnProcess(process.execPath, [CLI, "up", "--port", "0", "--home", home, "--config", configPath], { logPath });
  const port = await firstOf(spawned, "arriero up", (line) => {
    const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    return found === undefined ? null : Number(found);
  });
  await whenAnswering(port, spawned, "arriero up");
  await whenReady(port);
  return {
    name: "ours",
    target: { port, headers: { authorization: `Bearer ${key}` }, model: MODEL },
    pid: spawned.pid,
    command: "arriero up --config arriero.yaml",
    stop: () => spawned.stop(),
  };
}

/** The demo model's replica has nothing to do in these scenarios, but its start would disturb them. */
async function whenReady(port: number): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    const { body, statusCode } = await request(`http://127.0.0.1:${port}/ready`);
    await body.dump();
    if (statusCode === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
