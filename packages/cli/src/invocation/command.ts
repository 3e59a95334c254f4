import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import type { ExitCode } from "./exit-code.ts";
import type { Session } from "./session.ts";

/** Flags that every command takes. */
export const GLOBAL_ARGS = {
  home: { type: "string", valueHint: "DIR", description: "Where models, keys, history and logs live (ARRIERO_HOME)" },
  color: { type: "boolean", description: "Colour even where output is no terminal; --no-color turns it off (NO_COLOR)" },
  help: { type: "boolean", alias: "h", description: "Show this help" },
} as const satisfies ArgsDef;

export const JSON_ARG = {
  json: { type: "boolean", description: "Print one JSON document and nothing else" },
} as const satisfies ArgsDef;

export interface Example {
  readonly line: string;
  readonly why: string;
}

/** A citty command, with what our help and checks want besides. */
export interface Command extends CommandDef {
  readonly name: string;
  readonly summary: string;
  readonly alias: readonly string[];
  readonly declared: ArgsDef;
  /** More positional words than declared are allowed and belong to the last one. */
  readonly rest: boolean;
  readonly examples: readonly Example[];
  readonly children: CommandTree;
}

/** Commands by name, each loaded when it is wanted. */
export type CommandTree = Readonly<Record<string, () => Promise<Command>>>;

export interface CommandDeclaration<T extends ArgsDef> {
  readonly name: string;
  readonly summary: string;
  readonly alias?: readonly string[];
  readonly args: T;
  readonly rest?: boolean;
  readonly examples?: readonly Example[];
  run(args: ParsedArgs<T & typeof GLOBAL_ARGS>, session: Session): Promise<ExitCode>;
}

export function command<const T extends ArgsDef>(declaration: CommandDeclaration<T>): Command {
  const { name, summary, alias = [], args, rest = false, examples = [] } = declaration;
  return {
    name,
    summary,
    alias,
    rest,
    examples,
    children: {},
    declared: args,
    meta: { name, description: summary },
    args: { ...args, ...GLOBAL_ARGS },
    // citty parses by `args`, which are exactly T and the global ones: the cast states that.
    run: ({ args: parsed, data }) => declaration.run(parsed as ParsedArgs<T & typeof GLOBAL_ARGS>, data as Session),
  };
}

/** A word that only holds further commands: `config check`. */
export function group(name: string, summary: string, children: CommandTree): Command {
  return { name, summary, alias: [], rest: false, examples: [], children, declared: {}, meta: { name, description: summary } };
}
