import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The built entry: `npm test` builds first. */
export const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const DEADLINE_MS = 30_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real `arriero` process with its own home. */
export class SpawnedCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly done: Promise<Finished>;
  stdout = "";
  stderr = "";

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    // Variables of the machine that runs the tests must not reach the command.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(ARRIERO|NO_COLOR|FORCE_COLOR|HF_|OLLAMA)/.test(name));
    this.child = spawn(program, args, { env: { ...Object.fromEntries(inherited), ...env }, cwd: tmpdir() });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.child.stdin.on("error", () => undefined);
    this.done = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Resolves when standard output holds `text` at or after `from`, with the position after it; rejects at the deadline. */
  async until(text: string, from = 0): Promise<number> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const at = this.stdout.indexOf(text, from);
      if (at >= 0) return at + text.length;
      if (Date.now() > deadline || this.child.exitCode !== null) {
        throw new Error(`never saw ${JSON.stringify(text)} in:\n${this.stdout}\n${this.stderr}`);
      }
      await wait(15);
    }
  }
}

export const freshHome = (): string => mkdtempSync(join(tmpdir(), "arriero-cli-"));

/** `arriero args...` with `input` piped in. */
export function arriero(args: readonly string[], env: Readonly<Record<string, string>> = {}): SpawnedCommand {
  return new SpawnedCommand(process.execPath, [MAIN, ...args], { ARRIERO_HOME: freshHome(), ...env });
}

/** The same run to its end. */
export async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Promise<Finished> {
  const command = arriero(args, env);
  command.child.stdin.end(input);
  return command.done;
}
