import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";
import { firstOf, spawnProcess } from "../gateway/spawned.ts";
import { whenAnswering } from "../gateway/when-answering.ts";
import { CLI } from "../servers/our-store.ts";
import { startPacedModel } from "./paced-model.ts";

export const MODEL = "paced";
const READY_MS = 180_000;

const CONFIG = (port: number) => `
models:
  ${MODEL}:
    backends:
      - { id: paced, kind: openai, url: "http://127.0.0.1:${port}/v1", boundary: contractual, regions: [eu-west-1] }
`;

export interface ChatServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** `arriero up` in a home of its own, with the embedded database, and a model that speaks at an even pace. */
export async function startChatServer(workFolder: string): Promise<ChatServer> {
  const folder = join(workFolder, "chat");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const model = await startPacedModel();
  const configPath = join(folder, "arriero.yaml");
  await writeFile(configPath, CONFIG(model.port));
  const parameters = [CLI, "up", "--port", "0", "--home", join(folder, "home"), "--config", configPath];
  const spawned = spawnProcess(process.execPath, parameters, { logPath: join(folder, "ours.log") });
  const port = await firstOf(spawned, "arriero up", (line) => {
    const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    return found === undefined ? null : Number(found);
  });
  await whenAnswering(port, spawned, "arriero up");
  const url = `http://127.0.0.1:${port}`;
  await whenOpen(url);
  return {
    url,
    async stop() {
      model.stop();
      await spawned.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The replica of the demo model has nothing to do here, but its start would disturb; the page waits for the store. */
async function whenOpen(url: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  const isOpen = async (path: string) => {
    const { body, statusCode } = await request(url + path);
    await body.dump();
    return statusCode === 200;
  };
  while (!((await isOpen("/ready")) && (await isOpen("/api/session"))) && performance.now() < deadline) await pause(50);
}
