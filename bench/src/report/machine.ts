import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** The box the numbers come from: without it they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** One-minute load average when the bench began: near zero on a quiet box, null where the system does not tell. */
  readonly loadBefore: number | null;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: process.platform === "win32" ? null : loadavg()[0]!,
  };
}
