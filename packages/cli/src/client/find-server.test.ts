import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../home/home-folder.ts";
import { ensureKeys, keyPath } from "../home/key-file.ts";
import { readServerFile, removeServerFile, writeServerFile } from "../home/server-file.ts";
import { findServer, requireServer, serverUrl } from "./find-server.ts";

const freshHome = () => homeFolder(mkdtempSync(join(tmpdir(), "arriero-find-server-")), {});

describe("serverUrl", () => {
  it.each([
    ["localhost", "http://localhost:8080"],
    ["0.0.0.0:9", "http://127.0.0.1:9"],
    ["::1", "http://[::1]:8080"],
    ["https://models.example/base/", "https://models.example/base"],
  ])("%s", (text, url) => expect(serverUrl(text)).toBe(url));
  it("refuses what is no address", () => expect(() => serverUrl("a b")).toThrow("no address"));
});

describe("findServer", () => {
  it("is null when none runs, and an error where one is needed", async () => {
    const home = freshHome();
    expect(await findServer({ env: {}, home })).toBeNull();
    await expect(requireServer({ env: {}, home })).rejects.toMatchObject({ code: "replica_unavailable" });
  });

  it("prefers the flag, then the variable, then the running server", async () => {
    const home = freshHome();
    await writeServerFile(home, { url: "http://127.0.0.1:1", pid: process.pid, key: "k" });
    expect(await findServer({ url: "http://127.0.0.1:3", env: { ARRIERO_HOST: "127.0.0.1:2" }, home })).toEqual({
      url: "http://127.0.0.1:3",
      key: null,
    });
    expect(await findServer({ env: { ARRIERO_HOST: "127.0.0.1:2" }, home })).toEqual({ url: "http://127.0.0.1:2", key: null });
    expect(await findServer({ env: {}, home })).toEqual({ url: "http://127.0.0.1:1", key: "k" });
    expect(await findServer({ env: { ARRIERO_API_KEY: "mine" }, home })).toEqual({ url: "http://127.0.0.1:1", key: "mine" });
  });

  it("passes over a stale or damaged file", async () => {
    const home = freshHome();
    await writeServerFile(home, { url: "http://127.0.0.1:1", pid: 4, key: null });
    expect(await readServerFile(home, () => false)).toBeNull();
    writeFileSync(join(home.run, "server.json"), "{");
    expect(await readServerFile(home, () => true)).toBeNull();
  });
});

describe("files of the home", () => {
  it("are the owner's alone", async () => {
    const home = freshHome();
    await writeServerFile(home, { url: "http://127.0.0.1:1", pid: 1, key: null });
    await ensureKeys(home);
    if (process.platform !== "win32") {
      expect(statSync(join(home.run, "server.json")).mode & 0o777).toBe(0o600);
      expect(statSync(keyPath(home)).mode & 0o777).toBe(0o600);
    }
  });

  it("keep the key once it is made", async () => {
    const home = freshHome();
    const first = await ensureKeys(home);
    expect(first.created).toBe(true);
    expect(first.keys[0]).toMatch(/^arr_[\w-]{43}$/);
    expect(await ensureKeys(home)).toEqual({ keys: first.keys, created: false });
  });

  it("leave a later server's file alone", async () => {
    const home = freshHome();
    await writeServerFile(home, { url: "http://127.0.0.1:1", pid: 7, key: null });
    await removeServerFile(home, 8);
    expect(await readServerFile(home, () => true)).not.toBeNull();
    await removeServerFile(home, 7);
    expect(await readServerFile(home, () => true)).toBeNull();
  });
});
