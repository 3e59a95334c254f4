import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "../tools/run-tool.ts";

export const CLI = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));

const IMPORT_TIMEOUT_MS = 5 * 60_000;

export function ourHome(workFolder: string): string {
  return join(workFolder, "home");
}

/** Puts the model in our store under the name given back: a link where the disk allows, so both sides read the same file. */
export async function importModel(modelPath: string, name: string, workFolder: string): Promise<string> {
  const parameters = [CLI, "pull", modelPath, "--name", name, "--home", ourHome(workFolder)];
  await runTool(process.execPath, parameters, { cwd: workFolder, timeoutMs: IMPORT_TIMEOUT_MS });
  return name;
}
