import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPglite } from "./pglite-session.ts";

/** Beside the built files, since it belongs to their release of PGlite. */
const KEPT = fileURLToPath(new URL("../new-database", import.meta.url));
const DATA = "postgres";
const STAMP = "pglite-version";

/** A release reads what it made itself; of another one's files nobody knows. */
function pgliteVersion(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

const isKept = (): boolean => existsSync(join(KEPT, STAMP)) && readFileSync(join(KEPT, STAMP), "utf8").trim() === pgliteVersion();

/** Makes a new database, which takes some seconds of a core, for others to copy. What was made before is kept. */
export async function keepNewDatabase(): Promise<void> {
  if (isKept()) return;
  const making = await mkdtemp(`${KEPT}.`);
  try {
    await (await openPglite(join(making, DATA))).close();
    await writeFile(join(making, STAMP), pgliteVersion());
    await rm(KEPT, { recursive: true, force: true });
    await rename(making, KEPT);
  } catch (thrown) {
    await rm(making, { recursive: true, force: true });
    // Another build has made it meanwhile.
    if (!isKept()) throw thrown;
  }
}

/** Puts a new database at `folder` without making it; false: there is none to copy. */
export async function copyNewDatabase(folder: string): Promise<boolean> {
  if (!isKept()) return false;
  await cp(join(KEPT, DATA), folder, { recursive: true });
  return true;
}
