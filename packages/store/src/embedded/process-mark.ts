import { readFileSync } from "node:fs";

/** A process, told apart from a later one of the same number where the system lets us. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot, on Linux; null elsewhere. */
  readonly started: string | null;
}

export function processMark(pid: number = process.pid): ProcessMark {
  return { pid, started: startOf(pid) };
}

/** Whether the marked process is still there. */
export function isSameProcess(mark: ProcessMark): boolean {
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const started = startOf(mark.pid);
  return started === null || mark.started === null || started === mark.started;
}

function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may itself hold spaces and parentheses; field 22 counts from the start.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
