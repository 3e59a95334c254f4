import { readFileSync } from "node:fs";

const EVERY_MS = 1_000;

/** Bytes of the `VmRSS` line of /proc/PID/status; null where there is none. */
export function parseResident(text: string): number | null {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Of a process, in bytes; null where the system does not tell, as for one that is gone. */
export function residentSize(pid: number): number | null {
  try {
    return parseResident(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return null;
  }
}

/** The resident size of one process, looked at every second until stopped. Linux only: elsewhere nothing is seen. */
export class ResidentSize {
  readonly samples: number[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param onSample told the size and the seconds since the beginning */
  constructor(pid: number, onSample: (bytes: number, seconds: number) => void = () => undefined) {
    this.#timer = setInterval(() => {
      const bytes = residentSize(pid);
      if (bytes === null) return;
      this.samples.push(bytes);
      onSample(bytes, this.samples.length);
    }, EVERY_MS);
  }

  get peak(): number | null {
    return this.samples.length === 0 ? null : Math.max(...this.samples);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
