import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startScript } from "../spawned.ts";
import { type Contestant, MODEL } from "./contestant.ts";

const SCRIPT = fileURLToPath(new URL("../mock/mock-upstream.main.js", import.meta.url));

/** The upstream that all others stand before. */
export async function startMock(workFolder: string): Promise<Contestant> {
  const spawned = await startScript(SCRIPT, [], join(workFolder, "mock.log"));
  const target = { port: spawned.port, headers: {}, model: MODEL };
  return { name: "mock", target, pid: spawned.pid, command: "node mock-upstream.main.js", stop: () => spawned.stop() };
}
