import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { target } from "../database/database.ts";
import { openStore, type Store } from "../open-store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { EMBEDDED_ENTRY } from "../testing/store-places.ts";
import { connectEmbedded } from "./connect-embedded.ts";
import { type EmbeddedAddress, readAddress } from "./embedded-address.ts";
import { embeddedFolder } from "./embedded-folder.ts";
import { findEmbedded } from "./find-embedded.ts";
import { takeLock } from "./folder-lock.ts";
import { isSameProcess, processMark } from "./process-mark.ts";

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

it("is the same whether it is made on the spot or copied from one that was made at the build", { timeout: SETUP_MS }, () => {
  const run = (...args: string[]) => expect(spawnSync(process.execPath, args, { stdio: "inherit" }).status).toBe(0);
  const built = dirname(EMBEDDED_ENTRY);
  run(join(built, "new-database.main.js"));
  const here = embeddedFolder(join(root, "made"));
  mkdirSync(here.path);
  run(EMBEDDED_ENTRY, here.path, "--make");
  // Segments of the log have the names that chance gave them.
  const filesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map(({ name, parentPath }) => relative(folder, join(parentPath, name)))
      .filter((path) => !path.startsWith("pg_wal/"))
      .sort();
  expect(filesOf(join(built, "../new-database/postgres"))).toEqual(filesOf(here.making));
});

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
    // Nothing tells the store: its next connections find the next process, once it is there.
    const listed = () => store.keys.list().catch(() => []);
    await eventually(async () => (await listed()).some(({ id }) => id === record.id));
    entry.end({ status: "completed", endedAt: systemClock.now(), promptTokens: 5 });
    await entry.recorded();
    expect(await store.ledger.find("before-the-kill")).toMatchObject({ status: "completed", promptTokens: 5 });
  }, 60_000);

  it("is found again by who could not connect for a while", async () => {
    const folder = join(root, "elsewhere");
    mkdirSync(folder);
    const at = embeddedFolder(folder).address;
    const entry = join(root, "no-start.mjs");
    writeFileSync(entry, "process.exit(3);");
    const now = (await readAddress(places.address))!;
    writeFileSync(at, JSON.stringify(now));
    const { close, pool } = await connectEmbedded({ folder, clock: systemClock, entry }, () => undefined);
    const ask = () => pool.query("select 1");
    rmSync(at);
    for (let round = 0; round < 2; round++) await expect(ask()).rejects.toMatchObject({ code: "store_unavailable" });
    writeFileSync(at, JSON.stringify((await readAddress(places.address))!));
    await ask();
    await close(systemClock);
  });
});

describe("a folder", () => {
  it("is one process's at a time", async () => {
    const path = join(root, "lock");
    const release = await takeLock(path, systemClock);
    expect(release).not.toBeNull();
    expect(await takeLock(path, systemClock)).toBeNull();
    await release!();
    expect(existsSync(path)).toBe(false);
  });

  it("is taken over from a dead one", async () => {
    const path = join(root, "left");
    writeFileSync(path, JSON.stringify({ ...processMark(), pid: 2 ** 22 + 1 }));
    const release = await takeLock(path, systemClock);
    expect(release).not.toBeNull();
    await release!();
  });

  describe("that another container has", () => {
    /** The same number as ours, which says nothing. */
    const foreign = JSON.stringify({ ...processMark(), space: "another boot pid:[1]" });
    const beat = (path: string, at: number) => utimesSync(path, at / 1000, at / 1000);

    it("is refused while there are signs of life", async () => {
      const path = join(root, "foreign");
      writeFileSync(path, foreign);
      const clock = new ManualClock();
      beat(path, clock.now());
      const taken = takeLock(path, clock);
      const refused = expect(taken).rejects.toMatchObject({ code: "store_unavailable" });
      await eventually(() => clock.waits.length > 0);
      beat(path, clock.now() + 1000);
      clock.advance(1000);
      await refused;
      expect(readFileSync(path, "utf8")).toBe(foreign);
    });

    it("is taken when there is none for twenty seconds", async () => {
      const path = join(root, "silent");
      writeFileSync(path, foreign);
      const clock = new ManualClock();
      beat(path, clock.now());
      let release: (() => Promise<void>) | null = null;
      const taken = takeLock(path, clock).then((taken) => {
        release = taken;
      });
      for (let waited = 0; waited < 20_000; waited += 500) {
        await eventually(() => clock.waits.length > 0);
        expect(readFileSync(path, "utf8")).toBe(foreign);
        clock.advance(500);
      }
      await eventually(() => clock.waits.length > 0);
      clock.advance(500);
      await taken;
      expect(readFileSync(path, "utf8")).not.toBe(foreign);
      await release!();
    });
  });

  it("shows signs of life while its owner's thread stands still", async () => {
    const path = join(root, "beating");
    const release = await takeLock(path, systemClock);
    utimesSync(path, 0, 0);
    // The process cannot do anything else in this time.
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    for (const deadline = Date.now() + 30_000; statSync(path).mtimeMs === 0 && Date.now() < deadline; )
      Atomics.wait(asleep, 0, 0, 50);
    expect(statSync(path).mtimeMs).toBeGreaterThan(0);
    await release!();
  });

  it("is asked for seldom while another process makes its database", async () => {
    const folder = join(root, "busy");
    mkdirSync(folder);
    const entry = join(root, "refused.mjs");
    writeFileSync(entry, 'import { appendFileSync } from "node:fs"; appendFileSync(process.argv[2] + "/starts", "x");');
    const starts = () => (existsSync(join(folder, "starts")) ? readFileSync(join(folder, "starts"), "utf8").length : 0);
    const clock = new ManualClock();
    const leave = new AbortController();
    const found = findEmbedded({ folder, clock, entry, signal: leave.signal });
    const left = expect(found).rejects.toThrow("enough");
    // Each start has ended long before the next poll.
    for (let passed = 0; passed < 2_000; passed += 20) {
      await eventually(() => clock.waits.length > 0);
      if ([0, 260, 760, 1760].includes(passed)) await eventually(() => starts() === [0, 260, 760, 1760].indexOf(passed) + 1);
      clock.advance(20);
    }
    leave.abort(new Error("enough"));
    clock.advance(20);
    await left;
    expect(starts()).toBe(4);
  }, 60_000);

  it("says what went wrong when its process cannot start", async () => {
    const broken = join(root, "broken.mjs");
    writeFileSync(broken, 'console.error("no luck"); process.exit(3);');
    const found = findEmbedded({ folder: join(root, "unlucky"), clock: systemClock, entry: broken });
    await expect(found).rejects.toMatchObject({ code: "store_unavailable", message: expect.stringContaining("no luck") });
  });
});
