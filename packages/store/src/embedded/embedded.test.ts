import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { target } from "../database/database.ts";
import { openStore, type Store } from "../open-store.ts";
import { EMBEDDED_ENTRY } from "../testing/store-places.ts";
import { type EmbeddedAddress, readAddress } from "./embedded-address.ts";
import { embeddedFolder } from "./embedded-folder.ts";
import { findEmbedded } from "./find-embedded.ts";
import { takeLock } from "./folder-lock.ts";
import { isSameProcess } from "./process-mark.ts";

const SETUP_MS = 180_000;
const root = mkdtempSync(join(tmpdir(), "arriero-embedded-"));
const places = embeddedFolder(join(root, "data"));
const open = () => openStore({ folder: places.path, embeddedEntry: EMBEDDED_ENTRY });

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await holds()); ) {
    if (Date.now() > deadline) throw new Error("it never came true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the embedded database", () => {
  let stores: Store[] = [];
  let address: EmbeddedAddress;
  beforeAll(async () => {
    // Three openers on an empty folder: one makes it, all find it.
    stores = await Promise.all([open(), open(), open()]);
    address = (await readAddress(places.address))!;
  }, SETUP_MS);
  afterAll(async () => {
    const last = await readAddress(places.address);
    await Promise.all(stores.map((store) => store.close()));
    if (last !== null) process.kill(last.process.pid, "SIGKILL");
    if (last !== null) await eventually(() => !isSameProcess(last.process));
  }, SETUP_MS);

  it("is one for all who open the folder", async () => {
    const { record } = await stores[0]!.keys.create({ name: "shared" });
    for (const store of stores) expect((await store.keys.list()).map(({ id }) => id)).toContain(record.id);
  });

  it("keeps its address and password to its owner", () => {
    expect(statSync(places.address).mode & 0o777).toBe(0o600);
    expect(statSync(places.path).mode & 0o777).toBe(0o700);
  });

  it("lets nobody in without the password, and answers the others meanwhile", async () => {
    const stranger = new pg.Client({ ...target({ kind: "local", ...address }), password: "guess" });
    stranger.on("error", () => undefined);
    await expect(stranger.connect()).rejects.toMatchObject({ code: "28P01" });
    await stores[0]!.keys.list();
  });

  it("rolls back what a client left unfinished when it went away", async () => {
    const client = new pg.Client(target({ kind: "local", ...address }));
    client.on("error", () => undefined);
    await client.connect();
    await client.query("begin");
    await client.query("delete from arriero.api_keys");
    const listed = stores[0]!.keys.list();
    client.end().catch(() => undefined);
    expect(await listed).not.toEqual([]);
  });

  it("passes on an error of a statement and goes on", async () => {
    const client = new pg.Client(target({ kind: "local", ...address }));
    await client.connect();
    await expect(client.query("select 1 / $1::int", [0])).rejects.toMatchObject({ code: "22012" });
    expect((await client.query("select repeat('x', 3000000) as long")).rows[0].long).toHaveLength(3_000_000);
    await client.end();
  });

  it("is started anew when its process is killed, and has what was written", async () => {
    const store = stores[0]!;
    const { record } = await store.keys.create({ name: "survivor" });
    const entry = await store.ledger.begin({
      id: "before-the-kill",
      organisationId: "default",
      keyId: record.id,
      model: "m",
      adapter: null,
      startedAt: systemClock.now(),
    });
    await entry.recorded();
    process.kill(address.process.pid, "SIGKILL");
    await eventually(() => !isSameProcess(address.process));
    entry.end({ status: "completed", endedAt: systemClock.now(), promptTokens: 5 });
    await entry.recorded();
    expect(await store.ledger.find("before-the-kill")).toMatchObject({ status: "completed", promptTokens: 5 });
    expect((await store.keys.list()).map(({ id }) => id)).toContain(record.id);
  }, 60_000);
});

describe("a folder", () => {
  it("is one process's at a time", async () => {
    const path = join(root, "lock");
    const release = await takeLock(path);
    expect(release).not.toBeNull();
    expect(await takeLock(path)).toBeNull();
    await release!();
    expect(existsSync(path)).toBe(false);
  });

  it("is taken over from a dead one", async () => {
    const path = join(root, "left");
    writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, started: "1" }));
    const release = await takeLock(path);
    expect(release).not.toBeNull();
    await release!();
  });

  it("says what went wrong when its process cannot start", async () => {
    const broken = join(root, "broken.mjs");
    writeFileSync(broken, 'console.error("no luck"); process.exit(3);');
    const found = findEmbedded({ folder: join(root, "unlucky"), clock: systemClock, entry: broken });
    await expect(found).rejects.toMatchObject({ code: "store_unavailable", message: expect.stringContaining("no luck") });
  });
});
