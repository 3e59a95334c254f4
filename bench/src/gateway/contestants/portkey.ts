import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { runTool } from "../../tools/run-tool.ts";
import { spawnProcess } from "../spawned.ts";
import { whenAnswering } from "../when-answering.ts";
import { type Contestant, type ContestantContext, MODEL } from "./contestant.ts";

const PACKAGE = "@portkey-ai/gateway";
const VERSION = "1.15.2";
/** Its own ranges admit releases with which every stream of its ends in a 500 (1.19.19: headers that are immutable). */
const OVERRIDES = { "@hono/node-server": "1.3.3", hono: "4.9.7" };
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/** Portkey's gateway as its package starts it, installed into the work folder the first time. */
export async function startPortkey({ note, upstreamPort, workFolder }: ContestantContext): Promise<Contestant> {
  const folder = join(workFolder, `portkey-${VERSION}`);
  const script = join(folder, "node_modules", PACKAGE, "build", "start-server.js");
  if (!(await exists(script))) await install(folder, note);
  const port = await freePort();
  const logPath = join(folder, "portkey.log");
  const env = { NODE_ENV: "production" };
  const spawned = spawnProcess(process.execPath, [script, `--port=${port}`, "--headless"], { logPath, env });
  await whenAnswering(port, spawned, PACKAGE);
  const headers = {
    authorization: "Bearer any",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `http://127.0.0.1:${upstreamPort}/v1`,
  };
  return {
    name: "portkey",
    target: { port, headers, model: MODEL },
    pid: spawned.pid,
    command: `npx ${PACKAGE}@${VERSION} --port=PORT --headless`,
    stop: () => spawned.stop(),
  };
}

async function install(folder: string, note: (line: string) => void): Promise<void> {
  note(`installing ${PACKAGE}@${VERSION}, once`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ private: true, overrides: OVERRIDES })}\n`);
  const parameters = ["install", "--no-audit", "--no-fund", "--ignore-scripts", `${PACKAGE}@${VERSION}`];
  await runTool("npm", parameters, { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
