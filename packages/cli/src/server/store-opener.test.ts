import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storeOpener } from "./store-opener.ts";

const log = pino({ level: "silent" });
let home: { data: string };
beforeEach(() => {
  home = { data: join(mkdtempSync(join(tmpdir(), "arriero-opener-")), "data") };
});
afterEach(() => rmSync(join(home.data, ".."), { recursive: true }));

const opener = (config: { host?: string; requireKey?: boolean }, env = {}) =>
  storeOpener({ config: { host: "127.0.0.1", requireKey: false, ...config }, home, env, log });

describe("a store is opened", () => {
  it("on demand for someone who tries a model out on this machine", () => {
    expect(opener({}).onDemand).toBe(true);
    expect(opener({}, { DATABASE_URL: "" }).onDemand).toBe(true);
  });

  it("at once where callers need keys, a database is named, or one was made before", () => {
    expect(opener({ requireKey: true })).toMatchObject({ onDemand: false });
    expect(opener({ host: "0.0.0.0" })).toMatchObject({ onDemand: false });
    expect(opener({}, { DATABASE_URL: "postgresql://127.0.0.1/x" })).toMatchObject({ onDemand: false });
    mkdirSync(home.data);
    expect(opener({})).toMatchObject({ onDemand: false });
  });
});
