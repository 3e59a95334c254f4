import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GenerationEvent } from "@arriero/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineChild, type Said, said } from "./engine-child.ts";

const SOAK = process.env["ARRIERO_SOAK"] === "1";
/** Each way to spoil a snapshot wants an engine of its own: `npm run soak -- snapshots` tries them all, `npm test` one in so many. */
const EVERY = 2;
const PROMPT = "Arriero is a server for open language models. It is started with one command, and then it answers. ".repeat(3);
const root = mkdtempSync(join(tmpdir(), "arriero-snapshot-"));
const saved = join(root, "saved");
let answer: Said;

beforeAll(async () => {
  const first = await EngineChild.ready({ snapshotDir: saved });
  const events = await ask(first);
  answer = said(events);
  expect(cached(events)).toBe(0);
  expect(await first.stop()).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function ask(engine: EngineChild): Promise<GenerationEvent[]> {
  return engine.generate({ input: { kind: "text", text: PROMPT }, maxTokens: 24 });
}

function cached(events: readonly GenerationEvent[]): number | null {
  const [start] = events;
  return start?.type === "start" ? start.cachedTokens : null;
}

/** A start on a copy of the snapshot that was changed on its way; returns what the known prompt had in the cache. */
async function restart(
  change: (folder: string) => void,
  options: Parameters<typeof EngineChild.ready>[0] = {},
): Promise<number | null> {
  const folder = mkdtempSync(join(root, "copy-"));
  cpSync(saved, folder, { recursive: true });
  change(folder);
  const engine = await EngineChild.ready({ ...options, snapshotDir: folder });
  const events = await ask(engine);
  expect(said(events)).toEqual(answer);
  expect(await engine.stop()).toBe(0);
  // What it leaves is whole again.
  expect(readdirSync(folder)).toContain("manifest.json");
  return cached(events);
}

const cellFiles = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".kv"));
function eachCellFile(folder: string, change: (bytes: Buffer) => Buffer): void {
  for (const name of cellFiles(folder)) writeFileSync(join(folder, name), change(readFileSync(join(folder, name))));
}
interface Manifest {
  fingerprint: string;
  sequences: { file: string; adapter: string; sha256: string }[];
}
function editManifest(folder: string, edit: (manifest: Manifest) => void): void {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}
/** The sums are made to fit, so that only the sizes and libllama's own checks stand between. */
const resign = (folder: string) =>
  editManifest(folder, ({ sequences }) => {
    for (const each of sequences)
      each.sha256 = createHash("sha256")
        .update(readFileSync(join(folder, each.file)))
        .digest("hex");
  });

test("a prompt known before the stop is known after the start, and answered the same", async () => {
  expect(await restart(() => {})).toBeGreaterThan(50);
});

test("a snapshot is used once: a crash after the start does not bring it back", async () => {
  const folder = mkdtempSync(join(root, "once-"));
  cpSync(saved, folder, { recursive: true });
  const engine = await EngineChild.ready({ snapshotDir: folder });
  engine.process.kill("SIGKILL");
  expect(await engine.exited).toBe("SIGKILL");
  expect(readdirSync(folder)).toEqual([]);
});

test("files of others in the folder stay", async () => {
  const folder = mkdtempSync(join(root, "others-"));
  writeFileSync(join(folder, "notes.txt"), "keep me");
  const engine = await EngineChild.ready({ snapshotDir: folder });
  await ask(engine);
  expect(await engine.stop()).toBe(0);
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("keep me");
});

describe("a snapshot that cannot be trusted is left aside", () => {
  const flip = (bytes: Buffer): Buffer => {
    for (let at = 100; at < bytes.length; at += 997) bytes[at] = (bytes[at] as number) ^ 0x55;
    return bytes;
  };
  const ways: readonly (readonly [string, (folder: string) => void])[] = [
    ["bytes flipped", (folder) => eachCellFile(folder, flip)],
    ["cut in half", (folder) => eachCellFile(folder, (bytes) => bytes.subarray(0, bytes.length / 2))],
    [
      "cut in half, with its sum",
      (folder) => [eachCellFile(folder, (bytes) => bytes.subarray(0, bytes.length / 2)), resign(folder)],
    ],
    ["empty, with its sum", (folder) => [eachCellFile(folder, () => Buffer.alloc(0)), resign(folder)]],
    ["garbage, with its sum", (folder) => [eachCellFile(folder, (bytes) => Buffer.alloc(bytes.length, 0xa5)), resign(folder)]],
    ["a missing file", (folder) => rmSync(join(folder, cellFiles(folder)[0] as string))],
    ["no manifest", (folder) => rmSync(join(folder, "manifest.json"))],
    ["half a manifest", (folder) => truncateSync(join(folder, "manifest.json"), 40)],
    ["a manifest of other things", (folder) => writeFileSync(join(folder, "manifest.json"), '{"sequences":3}')],
    ["a file elsewhere", (folder) => editManifest(folder, ({ sequences }) => (sequences[0]!.file = "../saved/0.kv"))],
    ["of another model", (folder) => editManifest(folder, (manifest) => (manifest.fingerprint += "x"))],
    [
      "of another adapter",
      (folder) =>
        editManifest(folder, ({ sequences }) => {
          for (const each of sequences) each.adapter = "pirate";
        }),
    ],
  ];
  test.each(ways.filter((_, index) => SOAK || index % EVERY === 0))("%s", async (_, change) => {
    expect(await restart(change)).toBe(0);
  });

  test("of a larger cache", async () => {
    expect(await restart(() => {}, { contextTokens: 2048 })).toBe(0);
  });
});
