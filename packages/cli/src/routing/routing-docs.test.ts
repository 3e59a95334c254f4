import { readFileSync } from "node:fs";
import { BackendEntry, Capability, ModelEntry, RoutingPolicyName } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { combineConfig } from "../config/load-config.ts";
import { readYaml } from "../config/yaml-source.ts";
import { createScreen } from "../terminal/screen.ts";
import { decisionView } from "./decision-view.ts";
import { explainModel } from "./explain-model.ts";

const read = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), "utf8");
const guide = read("routing.md");
const configuration = read("configuration.md");

const screen = createScreen({ isTTY: true, columns: 200, write: () => undefined }, { TERM: "dumb", NO_COLOR: "1" });

describe("docs/routing.md", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? "-";
  const loaded = combineConfig({ flags: {}, env: {}, file: readYaml(example, "example") });
  const ask = (changes: object) => {
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const plain = {
      model: "llama",
      class: "realtime",
      organization: null,
      regions: null,
      dataClass: null,
      needs: ["chat"],
    } as const;
    return explainModel({ ...plain, ...changes }, loaded.config);
  };
  it("shows a configuration that is valid, and what explain says of it", () => {
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
    const shown = /```text\n([\s\S]*?)```/.exec(guide)?.[1];
    expect(decisionView(ask({}), screen)).toBe(shown);
  });
  it("says true things of the same example with batch requests", () => {
    const batch = ask({ class: "batch", model: "llama-3" });
    expect(batch.backends.filter(({ allowed }) => allowed).map(({ id }) => id)).toEqual(["own", "gpu-spot"]);
    expect(batch.picked).toBe("own");
  });
});

describe("docs/configuration.md", () => {
  const fieldsOf = (heading: string) => {
    const section = configuration.split(`\n${heading}\n`)[1]?.split("\n\n")[0] ?? "";
    return [...section.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, field, fallback]) => [field, fallback] as const);
  };
  const written = (value: unknown) => (value === undefined ? expect.stringContaining("none") : `\`${JSON.stringify(value)}\``);

  it("has every field of a backend, with its default", () => {
    const { limits: _, ...defaults } = BackendEntry.parse({ id: "b", kind: "engine" });
    const own: Record<string, unknown> = { ...defaults, id: undefined, kind: undefined };
    expect(fieldsOf("A backend:")).toEqual(Object.keys(BackendEntry.shape).map((field) => [field, written(own[field])]));
    for (const capability of Capability.options) expect(configuration).toContain(`\`${capability}\``);
  });
  it("has every field of a model, with its default", () => {
    const defaults = ModelEntry.parse({ backends: [{ id: "b", kind: "engine" }] });
    const own: Record<string, unknown> = { ...defaults, backends: undefined };
    const section = "Each key of `models` is the name of a served model. Its value:";
    expect(fieldsOf(section)).toEqual(Object.keys(ModelEntry.shape).map((field) => [field, written(own[field])]));
  });
  it("lists every policy in the guide", () => {
    for (const policy of RoutingPolicyName.options) expect(guide).toMatch(new RegExp(`^\\| \`${policy}\` \\| `, "m"));
  });
});
