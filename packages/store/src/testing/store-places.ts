import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../clock.ts";
import type { DatabaseAddress } from "../database/database.ts";
import { findEmbedded } from "../embedded/find-embedded.ts";
import { isSameProcess } from "../embedded/process-mark.ts";
import { noPostgres, startPostgres } from "./real-postgres.ts";

/** The built entry: Node 20 cannot run the source. `npm test` builds first. */
export const EMBEDDED_ENTRY = fileURLToPath(new URL("../../dist/embedded/embedded.main.js", import.meta.url));

export interface StoreDatabase {
  readonly address: DatabaseAddress;
  close(): Promise<void>;
}

/** Every kind of database that a store is held to the same behaviour on. */
export const DATABASES = [
  { name: "the embedded database", skipped: null, open: openEmbedded },
  { name: `a real Postgres${noPostgres === null ? "" : ` (skipped: ${noPostgres})`}`, skipped: noPostgres, open: openReal },
];

async function openEmbedded(): Promise<StoreDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "arriero-store-"));
  const address = await findEmbedded({ folder, clock: systemClock, entry: EMBEDDED_ENTRY });
  return {
    address: { kind: "local", ...address },
    async close() {
      process.kill(address.process.pid, "SIGKILL");
      while (isSameProcess(address.process)) await new Promise((resolve) => setTimeout(resolve, 10));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openReal(): Promise<StoreDatabase> {
  const { close, url } = await startPostgres();
  return { address: { kind: "url", url }, close };
}
