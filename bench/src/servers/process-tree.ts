import { readdirSync, readFileSync } from "node:fs";

/** Linux's unit of CPU time in /proc, the same on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** Parses /proc/PID/stat. The name in parentheses may hold anything, so the fields are counted from the last one. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { pid: Number.parseInt(text, 10), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** Bytes of the `VmHWM` line of /proc/PID/status; 0 where there is none, as for a process that is exiting. */
export function parsePeak(text: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/** The process and all its descendants, parents first. */
export function treeOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const own = all.filter((process) => process.pid === root);
  const children = all.filter((process) => process.parent === root);
  return [...own, ...children.flatMap((child) => treeOf(child.pid, all))];
}

export function cpuSeconds(root: number): number | null {
  const tree = readTree(root);
  return tree === null ? null : tree.reduce((sum, process) => sum + process.ticks, 0) / TICKS_PER_SECOND;
}

export function peakResidentBytes(root: number): number | null {
  const tree = readTree(root);
  return tree === null ? null : tree.reduce((sum, { pid }) => sum + parsePeak(readIfThere(`/proc/${pid}/status`)), 0);
}

/** SIGKILL to the process and its descendants. */
export function killTree(root: number): void {
  for (const { pid } of readTree(root) ?? [{ pid: root }]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already, which is what was wanted.
    }
  }
}

function readTree(root: number): ProcessStat[] | null {
  if (process.platform !== "linux") return null;
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readIfThere(`/proc/${pid}/stat`))
    .filter((text) => text !== "")
    .map(parseStat);
  return treeOf(root, all);
}

/** A process may end between the listing and the reading. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
