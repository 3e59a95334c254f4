import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Without a sign of life for this long a holder is gone, even if some process has its number. */
const STALE_MS = 15_000;

/** Which of several gateways of one home runs the batches: the one whose mark is in the folder. */
export class FolderTurn {
  readonly #path: string;
  readonly #folder: string;
  #held = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "runner.pid");
  }

  /** Takes the turn where nobody living has it, and shows a sign of life where it is ours already. */
  take(): boolean {
    if (this.#held) {
      try {
        const now = new Date();
        utimesSync(this.#path, now, now);
        return readFileSync(this.#path, "utf8") === String(process.pid);
      } catch {
        this.#held = false;
        return false;
      }
    }
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (this.#isHeldByOther()) return false;
    rmSync(this.#path, { force: true });
    try {
      writeFileSync(this.#path, String(process.pid), { flag: "wx", mode: 0o600 });
    } catch {
      return false;
    }
    this.#held = true;
    return true;
  }

  give(): void {
    if (this.#held) rmSync(this.#path, { force: true });
    this.#held = false;
  }

  #isHeldByOther(): boolean {
    try {
      const pid = Number(readFileSync(this.#path, "utf8"));
      if (Date.now() - statSync(this.#path).mtimeMs > STALE_MS) return false;
      // One of our own number is of a process before us: in a container all are number 1.
      return pid !== process.pid && isAlive(pid);
    } catch {
      return false;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
