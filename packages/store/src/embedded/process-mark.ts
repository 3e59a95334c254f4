import { readFileSync, readlinkSync } from "node:fs";

/** A process, told apart from a later one of the same number where the system lets us. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since boot, on Linux; null elsewhere. */
  readonly started: string | null;
  /** Where `pid` means something: this run of the kernel and this PID namespace. null where the system has no such. */
  readonly space: string | null;
}

export function processMark(pid: number = process.pid): ProcessMark {
  return { pid, started: startOf(pid), space: ownSpace() };
}

/** Whether the mark was made where its number means something to us; a container has numbers of its own. */
export function isOfOwnSpace(mark: ProcessMark): boolean {
  return mark.space === ownSpace();
}

/** Whether the marked process is still there, and one of ours to see. */
export function isSameProcess(mark: ProcessMark): boolean {
  if (!isOfOwnSpace(mark)) return false;
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const started = startOf(mark.pid);
  return started === null || mark.started === null || started === mark.started;
}

function ownSpace(): string | null {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
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
