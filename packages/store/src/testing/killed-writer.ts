import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StoreOptions } from "../open-store.ts";
import type { Owner } from "../people/standing.ts";

const WRITER = fileURLToPath(new URL("./store-writer.mjs", import.meta.url));
const LANES = 4;

/** A write that the store has acknowledged. */
export type Acknowledged =
  | { readonly kind: "message"; readonly id: string; readonly text: string }
  | { readonly kind: "log"; readonly id: string; readonly seq: number; readonly text: string }
  | { readonly kind: "usage"; readonly id: string; readonly tokens: number };

export interface Refused {
  readonly kind: "refused";
  readonly code: string;
  readonly message: string;
}

export interface KilledWriter {
  /** What it was told since somebody took it out of here. */
  readonly acknowledged: Acknowledged[];
  readonly refused: Refused[];
  /** Once so many more are acknowledged; rejects when it ends by itself. */
  until(count: number): Promise<void>;
  /** SIGKILL; resolves when all that it had said is heard. */
  kill(): Promise<void>;
}

/** A process that writes to the store at `options`, four things at a time. */
export function startWriter(options: StoreOptions, owner: Owner): KilledWriter {
  const place = "url" in options ? { url: options.url } : { folder: options.folder };
  const child = spawn(process.execPath, [WRITER, JSON.stringify(place), JSON.stringify(owner), String(LANES)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const acknowledged: Acknowledged[] = [];
  const refused: Refused[] = [];
  let heard = 0;
  let complaint = "";
  let wake = (): void => undefined;
  let ended: string | null = null;
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    // The last line may be cut in the middle: then it was not said.
    if (!line.endsWith("}")) return;
    const said = JSON.parse(line) as Acknowledged | Refused;
    if (said.kind === "refused") refused.push(said);
    else {
      acknowledged.push(said);
      heard++;
    }
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    child.once("close", (code, signal) => {
      ended = `${code ?? signal}`;
      wake();
      resolve();
    });
  });
  return {
    acknowledged,
    refused,
    async until(count) {
      const wanted = heard + count;
      while (heard < wanted) {
        if (ended !== null) throw new Error(`the writer ended by itself with ${ended}: ${complaint}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
