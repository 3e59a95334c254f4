import type { LoadTarget } from "../load/load-target.ts";

export type ContestantName = "ours" | "portkey" | "nginx" | "undici" | "mock";

/** Something that stands between the load and the mock; `mock`: nothing does. */
export interface Contestant {
  readonly name: ContestantName;
  readonly target: LoadTarget;
  /** The process that relays. */
  readonly pid: number;
  /** The command, as a reader would type it. */
  readonly command: string;
  stop(): Promise<void>;
}

export interface ContestantContext {
  /** Of the mock upstream. */
  readonly upstreamPort: number;
  readonly workFolder: string;
  note(line: string): void;
}

/** The mock knows one model, whatever it is called. */
export const MODEL = "bench";
