import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../home/home-folder.ts";
import { createScreen } from "../terminal/screen.ts";
import { LogFile } from "./log-file.ts";
import { fleetLog, openLog } from "./server-log.ts";

const folder = () => mkdtempSync(join(tmpdir(), "arriero-log-"));

describe("LogFile", () => {
  it("never grows past its bound, and keeps the file before", () => {
    const path = join(folder(), "logs", "a.log");
    const log = new LogFile(path, 100);
    for (let line = 0; line < 50; line++) log.write(`line ${line}\n`);
    log.close();
    expect(statSync(path).size).toBeLessThanOrEqual(100);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(100);
    expect(readFileSync(path, "utf8")).toContain("line 49\n");
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });
  it("goes on where the last process stopped", () => {
    const path = join(folder(), "a.log");
    for (const word of ["one", "two"]) {
      const log = new LogFile(path, 100);
      log.write(`${word}\n`);
      log.close();
    }
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    expect(existsSync(`${path}.1`)).toBe(false);
  });
});

describe("openLog", () => {
  function opened(isTTY: boolean, level: "info" | "silent" = "info") {
    const home = homeFolder(folder(), {});
    let shown = "";
    const screen = createScreen({ isTTY, write: (text: string) => (shown += text) }, { TERM: "dumb" });
    const log = openLog(home, level, screen);
    return { log, shown: () => shown, file: () => readFileSync(join(home.logs, "arriero.log"), "utf8") };
  }
  it("keeps everything in the file and shows warnings, readable on a terminal", () => {
    const { file, log, shown } = opened(true);
    fleetLog(log)({ level: "info", replica: "m-0", message: "spawned" });
    fleetLog(log)({ level: "warn", replica: "m-0", message: "restarting", fields: { code: 9 } });
    expect(shown()).toBe("warn  m-0: restarting\n");
    expect(JSON.parse(file().split("\n")[1]!)).toMatchObject({ level: 40, replica: "m-0", code: 9, msg: "restarting" });
    expect(file().split("\n")).toHaveLength(3);
  });
  it("shows warnings as JSON elsewhere, and nothing when silent", () => {
    const { log, shown } = opened(false);
    log.error({ err: new Error("why") }, "failed");
    expect(JSON.parse(shown())).toMatchObject({ msg: "failed", err: { message: "why" } });
    const quiet = opened(false, "silent");
    quiet.log.error("x");
    expect(quiet.shown()).toBe("");
  });
});
