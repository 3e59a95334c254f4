import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const SYSTEM_PYTHON = process.env["ARRIERO_TEST_PYTHON"] ?? "python3";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A virtual environment with the packages of one list, or why there is none. */
export type PythonEnvironment =
  | {
      readonly kind: "ready";
      /** What a script of this folder printed, which is one JSON object. */
      drive(script: string, url: string): Promise<string>;
      remove(): void;
    }
  | { readonly kind: "missing"; readonly why: string };

/**
 * Makes one in a temporary folder. Lists name every package with its exact version, dependencies too, so nothing is
 * resolved; nothing is compiled either, on install or ahead of an import.
 */
export async function makeEnvironment(list: string): Promise<PythonEnvironment> {
  const folder = mkdtempSync(join(tmpdir(), "arriero-python-"));
  const python = join(folder, "bin/python");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const install = [
    "--python",
    python,
    "install",
    "--quiet",
    "--no-deps",
    "--no-compile",
    "--only-binary",
    ":all:",
    "--retries",
    "1",
  ];
  try {
    await exec(SYSTEM_PYTHON, ["-m", "venv", "--without-pip", folder], { timeout: 60_000 });
    await exec(SYSTEM_PYTHON, ["-m", "pip", ...install, "--requirement", here(list)], { timeout: 240_000 });
  } catch (thrown) {
    remove();
    return { kind: "missing", why: reasonOf(thrown) };
  }
  return {
    kind: "ready",
    remove,
    drive: async (script, url) => {
      const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", NO_PROXY: "127.0.0.1" };
      const { stdout } = await exec(python, [here(script), url], { env, timeout: 120_000 });
      return stdout;
    },
  };
}

/** The line that says it: a command's last words, or that it is not there. */
function reasonOf(thrown: unknown): string {
  const { code, stderr } = thrown as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return `there is no ${SYSTEM_PYTHON}`;
  const lines = (stderr ?? "").trim().split("\n");
  return (lines.find((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? String(thrown)).slice(0, 200);
}
