import type { ArgsDef } from "citty";
import { type Command, type CommandTree, GLOBAL_ARGS } from "../invocation/command.ts";

export interface CompletionFlag {
  /** With dashes. */
  readonly name: string;
  readonly short: string | null;
  readonly summary: string;
  /** What the value is: words to choose from, a file, anything; null for a switch. */
  readonly value: { readonly kind: "words"; readonly words: readonly string[] } | { readonly kind: "file" | "any" } | null;
}

/** One command as the shells want it. */
export interface CompletionNode {
  /** ["config", "check"]; empty for `arriero`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  readonly flags: readonly CompletionFlag[];
  /** Words that the first argument may be, where it is one of a few. */
  readonly words: readonly string[];
}

function flagsOf(args: ArgsDef): CompletionFlag[] {
  return Object.entries(args).flatMap(([name, definition]): CompletionFlag[] => {
    if (definition.type === "positional") return [];
    const short =
      "alias" in definition && definition.alias !== undefined
        ? [definition.alias].flat().find((each) => each.length === 1)
        : undefined;
    const hint = definition.valueHint ?? "";
    const value: CompletionFlag["value"] =
      definition.type === "boolean"
        ? null
        : definition.type === "enum"
          ? { kind: "words", words: definition.options ?? [] }
          : { kind: hint === "FILE" || hint === "DIR" ? "file" : "any" };
    return [{ name: `--${name}`, short: short === undefined ? null : `-${short}`, summary: definition.description ?? "", value }];
  });
}

/** Words named in brackets by the declaration's own list of choices: `bash|zsh|fish`. */
function firstWords(args: ArgsDef): readonly string[] {
  const first = Object.values(args).find((definition) => definition.type === "positional");
  return first?.valueHint?.split("|").filter((word) => /^[a-z]+$/.test(word)) ?? [];
}

async function describe(path: readonly string[], command: Command): Promise<CompletionNode[]> {
  const children = await loadAll(command.children);
  const node = {
    path,
    summary: command.summary,
    children: children.map(({ name, summary }) => ({ name, summary })),
    flags: flagsOf({ ...command.declared, ...GLOBAL_ARGS }),
    words: firstWords(command.declared),
  };
  return [node, ...(await Promise.all(children.map((child) => describe([...path, child.name], child)))).flat()];
}

const loadAll = (tree: CommandTree): Promise<Command[]> => Promise.all(Object.values(tree).map((load) => load()));

/** Every command of the tree, the root first. */
export async function describeTree(tree: CommandTree): Promise<CompletionNode[]> {
  const commands = await loadAll(tree);
  const root: CompletionNode = {
    path: [],
    summary: "",
    children: commands.map(({ name, summary }) => ({ name, summary })),
    flags: [...flagsOf(GLOBAL_ARGS), { name: "--version", short: "-v", summary: "Print the version", value: null }],
    words: [],
  };
  return [root, ...(await Promise.all(commands.map((each) => describe([each.name], each)))).flat()];
}
