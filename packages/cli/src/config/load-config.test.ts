import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../home/home-folder.ts";
import { combineConfig, findConfigFile, loadConfig } from "./load-config.ts";
import { readYaml } from "./yaml-source.ts";

const yaml = (text: string) => readYaml(text, "arriero.yaml");

describe("combineConfig", () => {
  it("is all defaults when nothing is given", () => {
    const loaded = combineConfig({ flags: {}, env: {}, file: null });
    if (!loaded.ok) throw new Error("defaults are invalid");
    expect(loaded.config.port).toBe(8080);
    expect(loaded.config.engine.maxRunning).toBe(32);
    expect(loaded.settings.every(({ from }) => from === "default")).toBe(true);
  });

  it("takes flag over variable over file over default", () => {
    const file = yaml("port: 1\nreplicas: 2\nengine:\n  threads: 3\n");
    const at = (flags: Record<string, unknown>, env: Record<string, string>, from: typeof file | null) => {
      const loaded = combineConfig({ flags, env, file: from });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const setting = loaded.settings.find(({ key }) => key === "port");
      return [loaded.config.port, setting?.from];
    };
    expect(at({ port: "3" }, { ARRIERO_PORT: "2" }, file)).toEqual([3, "--port"]);
    expect(at({}, { ARRIERO_PORT: "2" }, file)).toEqual([2, "ARRIERO_PORT"]);
    expect(at({}, {}, file)).toEqual([1, "arriero.yaml:1:1"]);
    expect(at({}, { ARRIERO_PORT: "" }, null)).toEqual([8080, "default"]);
  });

  it("reaches nested keys from every source", () => {
    const file = yaml("engine:\n  threads: 3\n  maxRunning: 4\n");
    const loaded = combineConfig({ flags: { context: "512" }, env: { ARRIERO_ENGINE_MAX_RUNNING: "8" }, file });
    expect(loaded.ok && loaded.config.engine).toMatchObject({ threads: 3, maxRunning: 8, contextTokens: 512 });
    expect(loaded.ok && loaded.settings.find(({ key }) => key === "engine.threads")?.from).toBe("arriero.yaml:2:3");
  });

  it("reports every problem with its place", () => {
    const file = yaml("port: 99999\nprot: 1\nengine:\n  threads: many\n  gpuLayer: 1\n");
    const loaded = combineConfig({ flags: { replicas: "none" }, env: { ARRIERO_MAX_LOADED: "0" }, file });
    if (loaded.ok) throw new Error("accepted");
    const places = loaded.problems.map(({ where }) => where).sort();
    expect(places).toEqual([
      "--replicas",
      "ARRIERO_MAX_LOADED",
      "arriero.yaml:1:1",
      "arriero.yaml:2:1",
      "arriero.yaml:4:3",
      "arriero.yaml:5:3",
    ]);
    expect(loaded.problems.find(({ where }) => where === "arriero.yaml:2:1")?.message).toContain("prot");
    expect(loaded.problems.find(({ where }) => where === "arriero.yaml:4:3")?.message).toContain('"many"');
  });

  it("reports syntax errors and duplicate keys by line", () => {
    const loaded = combineConfig({ flags: {}, env: {}, file: yaml("port: 1\nport: 2\n") });
    expect(loaded.ok ? [] : loaded.problems.map(({ where }) => where)).toEqual(["arriero.yaml:2:1"]);
    expect(combineConfig({ flags: {}, env: {}, file: yaml("- a\n") }).ok).toBe(false);
    expect(combineConfig({ flags: {}, env: {}, file: yaml("engine: 5\n") }).ok).toBe(false);
  });

  it("accepts the empty file", () => expect(combineConfig({ flags: {}, env: {}, file: yaml("# nothing yet\n") }).ok).toBe(true));

  it("refuses an alias bomb instead of expanding it", () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level}: &l${level} [${Array(9).fill(level === 0 ? "x" : `*l${level - 1}`)}]`,
    );
    expect(combineConfig({ flags: {}, env: {}, file: yaml(levels.join("\n")) }).ok).toBe(false);
  });

  it("takes keys by reference alone", () => {
    const good = combineConfig({ flags: {}, env: {}, file: yaml("keys:\n  - env: A\n  - file: /run/key\n") });
    expect(good.ok && good.config.keys).toEqual([{ env: "A" }, { file: "/run/key" }]);
    expect(combineConfig({ flags: {}, env: {}, file: yaml("keys: [secret]\n") }).ok).toBe(false);
  });

  it("reads a whole address from ARRIERO_HOST", () => {
    const loaded = combineConfig({ flags: {}, env: { ARRIERO_HOST: "http://0.0.0.0:9000" }, file: null });
    expect(loaded.ok && [loaded.config.host, loaded.config.port]).toEqual(["0.0.0.0", 9000]);
  });
});

describe("findConfigFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "arriero-config-"));
  const home = homeFolder(join(folder, "home"), {});
  it("finds none in an empty folder and fails for one that was named", async () => {
    expect(await findConfigFile(undefined, home, folder)).toBeNull();
    await expect(findConfigFile("nowhere.yaml", home, folder)).rejects.toThrow(/nowhere\.yaml/);
  });
  it("names the place of a problem in the error", async () => {
    const path = join(folder, "bad.yaml");
    writeFileSync(path, "replicas: 0\n");
    await expect(loadConfig({ config: path }, {}, home)).rejects.toThrow(`${path}:1:1: replicas`);
  });
});
