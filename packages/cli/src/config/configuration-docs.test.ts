import { readFileSync } from "node:fs";
import { EngineOptions } from "@arriero/engine";
import { GATEWAY_LIMITS, isLoopbackName } from "@arriero/gateway";
import { describe, expect, it } from "vitest";
import { CONFIG_ARGS, ENGINE_ARGS, SERVER_ARGS } from "./config-args.ts";
import { ConfigSchema } from "./config-schema.ts";
import { engineSettings } from "./engine-settings.ts";
import { isLoopback } from "./listen-address.ts";
import { combineConfig } from "./load-config.ts";
import { SETTINGS } from "./setting.ts";
import { settingRow } from "./settings-table.ts";
import { readYaml } from "./yaml-source.ts";

const docs = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");

describe("docs/configuration.md", () => {
  it.each(SETTINGS.map((setting) => [setting.key, setting] as const))("has the row of %s", (_, setting) => {
    expect(setting.summary).not.toBe("");
    expect(docs).toContain(settingRow(setting));
  });
  it("has no row of a key that is gone", () => {
    const rows = [...docs.matchAll(/^\| `([\w.]+)` \| .*ARRIERO_/gm)].map((match) => match[1]);
    expect(rows).toEqual(SETTINGS.map(({ key }) => key));
  });
  it("shows an example that is valid", () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(docs)?.[1];
    const loaded = combineConfig({ flags: {}, env: {}, file: readYaml(example ?? "-", "example") });
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });
});

describe("the configuration", () => {
  const defaults = ConfigSchema.parse({});
  it("declares a flag for every key that names one, and no other", () => {
    const declared = Object.keys({ ...SERVER_ARGS, ...ENGINE_ARGS }).sort();
    expect(SETTINGS.flatMap(({ flag }) => (flag === null ? [] : [flag])).sort()).toEqual(declared);
    expect(Object.keys(CONFIG_ARGS)).toEqual(["config"]);
  });
  it("has the gateway's limits with the gateway's defaults", () => expect(defaults.limits).toEqual(GATEWAY_LIMITS));
  it("gives the engine what the engine would choose itself", () => {
    const engine = EngineOptions.parse({ model: { name: "m", path: "m.gguf" }, token: "0123456789abcdef" });
    expect(engine).toMatchObject(engineSettings(defaults));
  });
  it("has the gateway's idea of loopback", () => {
    for (const host of [
      "localhost",
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "0.0.0.0",
      "::",
      "example.org",
      "10.0.0.1",
      "a.localhost",
    ]) {
      expect(isLoopback(host)).toBe(isLoopbackName(host));
    }
  });
});
