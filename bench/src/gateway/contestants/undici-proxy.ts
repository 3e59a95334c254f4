import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startScript } from "../spawned.ts";
import { type Contestant, type ContestantContext, MODEL } from "./contestant.ts";

const SCRIPT = fileURLToPath(new URL("undici-proxy.main.js", import.meta.url));

export async function startUndiciProxy({ upstreamPort, workFolder }: ContestantContext): Promise<Contestant> {
  const spawned = await startScript(SCRIPT, [`http://127.0.0.1:${upstreamPort}`], join(workFolder, "undici-proxy.log"));
  const target = { port: spawned.port, headers: {}, model: MODEL };
  return { name: "undici", target, pid: spawned.pid, command: "node undici-proxy.main.js", stop: () => spawned.stop() };
}
