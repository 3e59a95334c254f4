import { spawn } from "node:child_process";
import { ArrieroError } from "@arriero/spec";
import { killTree } from "../servers/process-tree.ts";

const OUTPUT_TAIL = 4_000;

export interface ToolOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
}

/** Runs a tool to its end. Throws `internal` with the tool's last words when it fails or takes too long. */
export function runTool(command: string, parameters: readonly string[], options: ToolOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: options.cwd, stdio: ["ignore", "pipe", "pipe"] });
    let tail = "";
    child.stdout.on("data", (bytes: Buffer) => {
      const text = bytes.toString();
      tail = (tail + text).slice(-OUTPUT_TAIL);
      for (const line of text.split("\n")) if (line.trim() !== "") options.onLine?.(line);
    });
    child.stderr.on("data", (bytes: Buffer) => {
      tail = (tail + bytes.toString()).slice(-OUTPUT_TAIL);
    });
    // A build tool has children of its own, which would go on without it.
    const stopWithUs = () => child.pid !== undefined && killTree(child.pid);
    const timer = setTimeout(stopWithUs, options.timeoutMs);
    process.once("exit", stopWithUs);
    const settle = () => {
      clearTimeout(timer);
      process.off("exit", stopWithUs);
    };
    const failed = (why: string) => {
      settle();
      reject(new ArrieroError("internal", `\`${command} ${parameters[0]}\` failed (${why}): ${tail.trim()}`));
    };
    child.once("error", (error) => failed(error.message));
    child.once("close", (code, signal) => {
      settle();
      if (code === 0) resolve();
      else failed(signal === null ? `exit ${code}` : signal);
    });
  });
}
