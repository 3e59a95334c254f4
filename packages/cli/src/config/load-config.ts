import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ArrieroError } from "@arriero/spec";
import type { HomeFolder } from "../home/home-folder.ts";
import { type Config, ConfigSchema } from "./config-schema.ts";
import { parseListenAddress } from "./listen-address.ts";
import { fromText, SETTINGS, type Setting } from "./setting.ts";
import { shownValue } from "./shown-value.ts";
import type { ConfigProblem, YamlSource } from "./yaml-source.ts";

export interface ConfigSources {
  /** Parsed flags by name; undefined where one was not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** null: there is no file. */
  readonly file: YamlSource | null;
}

/** Where a value came from: `default`, `arriero.yaml:3:1`, `ARRIERO_PORT`, `--port`. */
export interface EffectiveSetting {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly settings: readonly EffectiveSetting[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

function read(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, step) => {
    if (Array.isArray(node)) return (node as unknown[])[Number(step)];
    return isTree(node) ? node[step as string] : undefined;
  }, tree);
}

/** `models.small.backends[0].url` */
const written = (path: readonly PropertyKey[]): string =>
  path.map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`)).join("");

/** Sets a leaf; what stands in the way and is no mapping is left for the schema to refuse. */
function write(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const step of path.slice(0, -1)) {
    const next = node[step] ?? {};
    node[step] = next;
    if (!isTree(next)) return;
    node = next;
  }
  node[path.at(-1)!] = value;
}

function fromFlag(setting: Setting, flags: ConfigSources["flags"]): unknown {
  const given = setting.flag === null ? undefined : flags[setting.flag];
  return typeof given === "string" ? fromText(setting.schema, given) : given;
}

/** ARRIERO_HOST may hold a whole address, as it does for the commands that talk to a server. */
function listenEnvironment(env: ConfigSources["env"]): ConfigSources["env"] {
  const address = env.ARRIERO_HOST ? parseListenAddress(env.ARRIERO_HOST) : null;
  if (address === null) return env;
  const port = env.ARRIERO_PORT || (address.port === null ? undefined : String(address.port));
  return { ...env, ARRIERO_HOST: address.host, ARRIERO_PORT: port };
}

/** Flag over variable over file over default. Finds every problem, not the first alone. */
export function combineConfig(sources: ConfigSources): LoadedConfig {
  const yaml = sources.file;
  if (yaml !== null && yaml.problems.length > 0) return { ok: false, problems: yaml.problems };
  if (yaml !== null && yaml.value !== null && !isTree(yaml.value)) {
    return {
      ok: false,
      problems: [{ where: yaml.locate([]), message: "The file is a mapping of keys, but holds something else." }],
    };
  }
  const env = listenEnvironment(sources.env);
  const tree: Tree = structuredClone((yaml?.value ?? {}) as Tree);
  /** Keys whose value does not come from the file, and where it does come from. */
  const overridden = new Map<string, string>();
  for (const setting of SETTINGS) {
    const variable = env[setting.env];
    const flag = fromFlag(setting, sources.flags);
    if (flag !== undefined) {
      write(tree, setting.path, flag);
      overridden.set(setting.key, `--${setting.flag}`);
    } else if (variable !== undefined && variable !== "") {
      write(tree, setting.path, fromText(setting.schema, variable));
      overridden.set(setting.key, setting.env);
    }
  }
  const parsed = ConfigSchema.safeParse(tree);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue): ConfigProblem[] => {
      const steps = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      return steps.map((path) => {
        const key = written(path);
        const setting = path.findIndex((_, index) => overridden.has(written(path.slice(0, index + 1))));
        const source = overridden.get(written(path.slice(0, setting + 1)));
        const where = source ?? yaml?.locate(path) ?? key;
        if (issue.code === "unrecognized_keys") return { where, message: `${key} is no key of the configuration.` };
        return {
          where,
          message: `${key || "the configuration"}: ${issue.message}; the value is ${shownValue(path, read(tree, path))}.`,
        };
      });
    });
    return { ok: false, problems };
  }
  const settings = SETTINGS.map(({ key, path }) => {
    const inFile = yaml?.has(path) ? yaml.locate(path) : "default";
    return { key, value: read(parsed.data, path), from: overridden.get(key) ?? inFile };
  });
  return { ok: true, config: parsed.data, settings };
}

const namedFile = (flags: ConfigSources["flags"], env: ConfigSources["env"]): string | undefined =>
  typeof flags.config === "string" ? flags.config : env.ARRIERO_CONFIG || undefined;

const placesOf = (named: string | undefined, home: HomeFolder, directory: string): string[] =>
  named === undefined ? [join(directory, "arriero.yaml"), home.config] : [resolve(directory, named)];

/** Where `loadConfig` looks for the file, first place first. */
export const configPlaces = (flags: ConfigSources["flags"], env: ConfigSources["env"], home: HomeFolder): string[] =>
  placesOf(namedFile(flags, env), home, process.cwd());

/** The file to read: the one named (it must exist), `arriero.yaml` here, then HOME/arriero.yaml, else none. */
export async function findConfigFile(
  named: string | undefined,
  home: HomeFolder,
  directory: string = process.cwd(),
): Promise<YamlSource | null> {
  if (named !== undefined && !existsSync(resolve(directory, named))) {
    throw new ArrieroError("config_invalid", `There is no configuration file at ${resolve(directory, named)}.`);
  }
  const found = placesOf(named, home, directory).find((path) => existsSync(path));
  if (found === undefined) return null;
  // Most starts have no file: they need not load the parser.
  const { readYaml } = await import("./yaml-source.ts");
  return readYaml(readFileSync(found, "utf8"), named ?? found);
}

/** The effective configuration, or `config_invalid` with every problem in its message. */
export async function loadConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  home: HomeFolder,
): Promise<Config> {
  const loaded = combineConfig({ flags, env, file: await findConfigFile(namedFile(flags, env), home) });
  if (loaded.ok) return loaded.config;
  const lines = loaded.problems.map(({ where, message }) => `${where}: ${message}`);
  throw new ArrieroError("config_invalid", lines.length === 1 ? lines[0]! : `${lines.length} problems:\n  ${lines.join("\n  ")}`);
}
