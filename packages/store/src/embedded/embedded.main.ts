// The embedded Postgres as a process of its own: `node embedded.main.js FOLDER`. It ends by itself when nobody has used
// it for a while. With `--make` it only makes a new database: that takes much memory, which ends with the process. So is
// done only where none was made beforehand that can be copied.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, truncateSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../clock.ts";
import { publishAddress, withdrawAddress } from "./embedded-address.ts";
import { embeddedFolder } from "./embedded-folder.ts";
import { takeLock } from "./folder-lock.ts";
import { copyNewDatabase } from "./new-database.ts";
import { openPglite } from "./pglite-session.ts";
import { startWireServer } from "./wire-server.ts";

/** Unused for so long it ends; whoever started it has come by then. Two commands in a row share one start. */
const LINGER_MS = 5_000;

const [path = "", mode] = process.argv.slice(2);
const folder = embeddedFolder(path);
if (mode === "--make") await make();
else await serve();
// Who connected in the last moment is cut, and starts the next one.
process.exit(0);

async function make(): Promise<void> {
  const session = await openPglite(folder.making);
  await session.close();
}

/** Another process that has it open is no failure: its address is what the caller looks for. */
async function serve(): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  const release = await takeLock(folder.lock, systemClock);
  if (release === null) return;
  try {
    // What is in it is an older start's.
    if (existsSync(folder.log)) truncateSync(folder.log);
    await withdrawAddress(folder.address);
    if (!existsSync(folder.data)) await makeData();
    await serveUntilUnused();
  } finally {
    await release();
  }
}

async function makeData(): Promise<void> {
  await rm(folder.making, { recursive: true, force: true });
  if (!(await copyNewDatabase(folder.making))) makeAnew();
  await rename(folder.making, folder.data);
}

function makeAnew(): void {
  const { error, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), path, "--make"], { stdio: "inherit" });
  if (error !== undefined || status !== 0) throw new Error(`a new database could not be made: ${error?.message ?? status}`);
}

async function serveUntilUnused(): Promise<void> {
  // Ctrl-C and a shutdown reach the whole group. The gateway still has records to write; when it has left, this ends.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  const session = await openPglite(folder.data);
  const password = randomBytes(24).toString("base64url");
  await new Promise<void>((resolve, reject) => {
    let timer = setTimeout(resolve, LINGER_MS);
    const onClients = (count: number): void => {
      clearTimeout(timer);
      if (count === 0) timer = setTimeout(resolve, LINGER_MS);
    };
    startWireServer({ session, password, onClients })
      .then((server) => publishAddress(folder.address, server.port, password))
      .catch(reject);
  });
  await withdrawAddress(folder.address);
  await session.close();
}
