import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type FileLimits, FileStore, type OwnedFile } from "./file-store.ts";

const ROOT = mkdtempSync(join(tmpdir(), "arriero-files-"));
afterAll(() => rmSync(ROOT, { recursive: true, force: true }));

const LIMITS: FileLimits = { fileBytes: 10, totalBytes: 25, count: 3 };
let folder: string;
let now: number;
beforeEach(() => {
  folder = join(mkdtempSync(join(ROOT, "each-")), "files");
  now = 1_000_000;
});

const open = (limits = LIMITS) => new FileStore({ folder, limits, clock: { now: () => now } });
const bytes = (length: number) => new Uint8Array(length).fill(97);
const named = { owner: "ada", filename: "a.jsonl", purpose: "batch", lifeMs: null };

async function put(
  store: FileStore,
  length: number,
  changes: Partial<typeof named> | { lifeMs: number } = {},
): Promise<OwnedFile> {
  const draft = await store.draft();
  await draft.write(bytes(length));
  return draft.commit({ ...named, ...changes });
}

async function read(store: FileStore, file: OwnedFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("a folder of files", () => {
  it("keeps what came in, for its owner alone, and for another gateway of the home", async () => {
    const store = open();
    const draft = await store.draft();
    await draft.write(Buffer.from("one "));
    await draft.write(Buffer.from("two"));
    expect(draft.bytes).toBe(7);
    const file = await draft.commit(named);
    expect(file).toMatchObject({ owner: "ada", filename: "a.jsonl", bytes: 7, createdAt: now, expiresAt: null });
    expect(await read(store, file)).toBe("one two");
    await expect(store.find("eve", file.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await store.list("eve")).toEqual([]);
    await expect(store.delete("eve", file.id)).rejects.toMatchObject({ code: "not_found" });
    const another = open();
    expect(await another.find("ada", file.id)).toEqual(file);
    expect(await another.list("ada")).toEqual([file]);
  });

  it("is readable by nobody else on the machine", async () => {
    const { id } = await put(open(), 3);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of [`${id}.data`, `${id}.json`]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it("lists newest first", async () => {
    const store = open();
    const first = await put(store, 1);
    now += 1000;
    const second = await put(store, 1);
    expect((await store.list("ada")).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it.each(["", "file-", "../file-000000000000000000000000", "file-00000000000000000000000g", "nobody"])(
    "has no file %j and looks at no path for it",
    async (id) => {
      writeFileSync(join(ROOT, "file-000000000000000000000000.json"), JSON.stringify({ owner: "ada" }));
      await expect(open().find("ada", id)).rejects.toMatchObject({ code: "not_found" });
    },
  );

  it("forgets a file that was deleted, here and by another", async () => {
    const [store, other] = [open(), open()];
    const file = await put(store, 3);
    await other.find("ada", file.id);
    await store.delete("ada", file.id);
    expect(readdirSync(folder)).toEqual([]);
    for (const each of [store, other]) {
      await expect(each.find("ada", file.id)).rejects.toMatchObject({ code: "not_found" });
      expect(await each.list("ada")).toEqual([]);
    }
  });
});

describe("what may be kept", () => {
  it("refuses the byte that is one too many for a file, and keeps nothing of it", async () => {
    const store = open();
    const draft = await store.draft();
    await draft.write(bytes(10));
    await expect(draft.write(bytes(1))).rejects.toMatchObject({ code: "body_too_large", body: { param: "file" } });
    await draft.abandon();
    expect(readdirSync(folder)).toEqual([]);
    // What was abandoned counts no more.
    for (let i = 0; i < 2; i++) await put(store, 10);
  });

  it("counts what is on its way, so that two at once cannot pass the limit together", async () => {
    const store = open();
    await put(store, 8);
    const drafts = await Promise.all([store.draft(), store.draft()]);
    await drafts[0].write(bytes(10));
    await drafts[1].write(bytes(7));
    await expect(drafts[1].write(bytes(1))).rejects.toMatchObject({ code: "disk_full" });
    await drafts[0].abandon();
    await drafts[1].write(bytes(1));
    expect((await drafts[1].commit(named)).bytes).toBe(8);
  });

  it("refuses one file too many, but not one that the server makes itself", async () => {
    const store = open();
    for (let i = 0; i < 3; i++) await put(store, 1);
    await expect(store.draft()).rejects.toMatchObject({ code: "disk_full" });
    const own = await store.draft({ bounded: false });
    await own.write(bytes(100));
    expect((await own.commit(named)).bytes).toBe(100);
  });

  it("lets a file go when its time is over, and uses its place again", async () => {
    const store = open();
    const files = [await put(store, 1, { lifeMs: 1000 }), await put(store, 1), await put(store, 1)];
    now += 999;
    expect(await store.find("ada", files[0]!.id)).toEqual(files[0]);
    now += 1;
    await expect(store.find("ada", files[0]!.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await store.list("ada")).toHaveLength(2);
    await put(store, 1);
    expect(existsSync(join(folder, `${files[0]!.id}.data`))).toBe(false);
  });
});

describe("what a crash leaves", () => {
  it("is no file before its record is there", async () => {
    const store = open();
    await put(store, 1);
    writeFileSync(join(folder, "file-00000000000000000000000a.data"), "half");
    expect(await store.list("ada")).toHaveLength(1);
    await expect(store.find("ada", "file-00000000000000000000000a")).rejects.toMatchObject({ code: "not_found" });
  });

  it("half written is removed after an hour, and not while it may still grow", async () => {
    const store = open();
    await put(store, 1);
    const [old, young] = ["file-00000000000000000000000b.1.part", "file-00000000000000000000000c.2.part"];
    for (const name of [old, young]) writeFileSync(join(folder, name), "half");
    const hoursAgo = Date.now() / 1000 - 2 * 3600;
    utimesSync(join(folder, old), hoursAgo, hoursAgo);
    await (await store.draft()).abandon();
    expect(existsSync(join(folder, old))).toBe(false);
    expect(existsSync(join(folder, young))).toBe(true);
  });
});
