import { describe, expect, it } from "vitest";
import { combineConfig } from "./load-config.ts";
import { readYaml } from "./yaml-source.ts";

const load = (text: string, env: Record<string, string> = {}) =>
  combineConfig({ flags: {}, env, file: readYaml(text, "arriero.yaml") });
const problems = (text: string, env: Record<string, string> = {}) => {
  const loaded = load(text, env);
  return loaded.ok ? [] : loaded.problems.map(({ message, where }) => `${where} ${message}`);
};

describe("models in arriero.yaml", () => {
  it("report a problem by its path and by its place in the list", () => {
    const text =
      "models:\n  m:\n    backends:\n      - id: a\n        kind: engine\n      - id: b\n        kind: gpu\n        weigth: 2\n";
    expect(problems(text)).toEqual([
      expect.stringMatching(/^arriero\.yaml:7:9 models\.m\.backends\[1\]\.kind: .*; the value is "gpu"\.$/),
      "arriero.yaml:8:9 models.m.backends[1].weigth is no key of the configuration.",
    ]);
  });

  it("never print what may be a secret", () => {
    const at = (line: string) =>
      problems(`models:\n  m:\n    backends:\n      - {id: a, kind: openai, url: "http://a/v1", ${line}}\n`);
    expect(at("credential: sk-12345")).toEqual([
      'arriero.yaml:4:51 models.m.backends[0].credential: a credential is a reference: `env:NAME`, `file:PATH` or `aws`; the value is "(not shown)".',
    ]);
    expect(at("apiKey: sk-12345").join()).not.toContain("sk-12345");
    expect(problems("models: {m: {backends: {credential: sk-12345}}}").join()).not.toContain("sk-12345");
    expect(problems("keys: [sk-12345]").join()).not.toContain("sk-12345");
    const url = "models: {m: {backends: [{id: a, kind: openai, url: 'https://me:sk-12345@a/v1'}]}}";
    expect(problems(url).join()).toMatch(/no user or password.*\(not shown\)@a/);
  });

  it("share no name and no alias", () => {
    const own = "backends: [{id: a, kind: engine}]";
    expect(problems(`models:\n  a: {aliases: [b], ${own}}\n  b: {${own}}\n`)).toEqual([
      'arriero.yaml:2:17 models.a.aliases[0]: another model has this name or alias, or this one has it twice; the value is "b".',
    ]);
    expect(problems(`models: {a: {aliases: [b, b], ${own}}}`)).toHaveLength(1);
    expect(problems(`models: {a: {aliases: [b], ${own}}, c: {aliases: [d], ${own}}}`)).toEqual([]);
  });

  it("come from a variable as JSON, and are checked there too", () => {
    const models = JSON.stringify({ m: { backends: [{ id: "a", kind: "engine" }] } });
    const loaded = load("models: {old: {backends: [{id: b, kind: engine}]}}", { ARRIERO_MODELS: models });
    expect(loaded.ok && Object.keys(loaded.config.models)).toEqual(["m"]);
    expect(problems("", { ARRIERO_MODELS: '{"m":{}}' })).toEqual([
      expect.stringMatching(/^ARRIERO_MODELS models\.m\.backends: /),
    ]);
  });

  it("stand beside a residency policy with three answers for each matter", () => {
    const loaded = load("residency: {allowedRegions: ['eu-*']}", { ARRIERO_RESIDENCY_ALLOW_UNDEFINED_BOUNDARY: "yes" });
    expect(loaded.ok && loaded.config.residency).toEqual({
      allowedRegions: ["eu-*"],
      dataClass: null,
      allowUndefinedBoundary: true,
      organizations: {},
      ownRegions: [],
    });
    expect(problems("residency: {allowedRegions: [EU]}")).toEqual([
      expect.stringMatching(/^arriero\.yaml:1:30 residency\.allowedRegions\[0\]: a pattern is .*"EU"\.$/),
    ]);
  });
});
