import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAddress } from "../embedded/embedded-address.ts";
import { embeddedFolder } from "../embedded/embedded-folder.ts";
import { isSameProcess } from "../embedded/process-mark.ts";
import type { StoreOptions } from "../open-store.ts";
import { noPostgres, startPostgres } from "./real-postgres.ts";
import { EMBEDDED_ENTRY } from "./store-places.ts";

/** A database whose processes can be killed, and that is there again afterwards. */
export interface KilledPlace {
  readonly options: StoreOptions;
  /** SIGKILL. Where nobody starts it by opening the store, it is started. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export const KILLED_PLACES = [
  { name: "the embedded database", skipped: null, open: openEmbedded },
  { name: `a real Postgres${noPostgres === null ? "" : ` (skipped: ${noPostgres})`}`, skipped: noPostgres, open: openReal },
];

async function openEmbedded(): Promise<KilledPlace> {
  const folder = mkdtempSync(join(tmpdir(), "arriero-killed-"));
  const { address } = embeddedFolder(folder);
  const kill = async (): Promise<void> => {
    const running = await readAddress(address);
    if (running === null) return;
    process.kill(running.process.pid, "SIGKILL");
    while (isSameProcess(running.process)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    options: { folder, embeddedEntry: EMBEDDED_ENTRY },
    kill,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openReal(): Promise<KilledPlace> {
  const { close, crash, start, url } = await startPostgres();
  return { options: { url }, kill: () => crash().then(start), close };
}
