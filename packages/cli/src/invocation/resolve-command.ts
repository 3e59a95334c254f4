import type { Command, CommandTree } from "./command.ts";
import { GLOBAL_ARGS } from "./command.ts";
import { nearest } from "./suggestion.ts";
import { UsageError } from "./usage-error.ts";

export interface Resolved {
  /** The words that led here: ["config", "check"]. Empty for `arriero` alone. */
  readonly path: readonly string[];
  readonly command: Command | null;
  /** What stands after them, with flags given before the command put in front. */
  readonly rawArgs: readonly string[];
}

/** Loads the command called `word`, by name or alias. */
async function find(tree: CommandTree, word: string): Promise<Command | null> {
  if (Object.hasOwn(tree, word)) return tree[word]!();
  for (const load of Object.values(tree)) {
    const candidate = await load();
    if (candidate.alias.includes(word)) return candidate;
  }
  return null;
}

function takesValue(flag: string): boolean {
  const name = flag.replace(/^--?/, "") as keyof typeof GLOBAL_ARGS;
  return Object.hasOwn(GLOBAL_ARGS, name) && GLOBAL_ARGS[name].type === "string";
}

/** Follows the words of `argv` down the tree. Throws UsageError at a word that is no command, with the nearest one. */
export async function resolveCommand(tree: CommandTree, argv: readonly string[]): Promise<Resolved> {
  const path: string[] = [];
  const early: string[] = [];
  let here = tree;
  let command: Command | null = null;
  let index = 0;
  while (index < argv.length && Object.keys(here).length > 0) {
    const word = argv[index]!;
    if (word === "--") break;
    if (word.startsWith("-")) {
      early.push(word);
      index++;
      if (takesValue(word) && index < argv.length) early.push(argv[index++]!);
      continue;
    }
    const next = await find(here, word);
    if (next === null) {
      const near = nearest(word, Object.keys(here));
      const where = ["arriero", ...path].join(" ");
      throw new UsageError(
        `"${word}" is no command of ${where}.${near === null ? "" : ` Did you mean "${near}"?`}`,
        near === null ? `\`${where} --help\` lists the commands.` : `${where} ${near}`,
      );
    }
    path.push(next.name);
    command = next;
    here = next.children;
    index++;
  }
  return { path, command, rawArgs: [...early, ...argv.slice(index)] };
}
