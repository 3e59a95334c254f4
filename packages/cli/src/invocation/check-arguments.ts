import { parseArgs } from "node:util";
import type { ArgDef, ArgsDef } from "citty";
import { nearest } from "./suggestion.ts";
import { UsageError } from "./usage-error.ts";

function aliasesOf(definition: ArgDef): readonly string[] {
  const alias = "alias" in definition ? definition.alias : undefined;
  return alias === undefined ? [] : typeof alias === "string" ? [alias] : alias;
}

export interface Expected {
  /** As typed: "arriero config check". */
  readonly name: string;
  readonly args: ArgsDef;
  readonly rest: boolean;
}

/**
 * citty lets unknown flags, missing values and surplus words pass; this does not.
 * Throws UsageError for the first thing on the command line that the declaration does not know.
 */
export function checkArguments(rawArgs: readonly string[], { name, args, rest }: Expected): void {
  const help = `\`${name} --help\` shows what it takes.`;
  const flags = new Map<string, ArgDef>();
  const options: Record<string, { type: "boolean" | "string"; short?: string }> = {};
  for (const [flag, definition] of Object.entries(args)) {
    if (definition.type === "positional") continue;
    const short = aliasesOf(definition).find((alias) => alias.length === 1);
    options[flag] = { type: definition.type === "boolean" ? "boolean" : "string", ...(short === undefined ? {} : { short }) };
    flags.set(flag, definition);
  }
  const { tokens } = parseArgs({ args: [...rawArgs], options, strict: false, allowPositionals: true, tokens: true });
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const negated = token.name.startsWith("no-") ? flags.get(token.name.slice(3)) : undefined;
    if (negated?.type === "boolean" && token.value === undefined) continue;
    const definition = flags.get(token.name);
    if (definition === undefined) {
      const near = nearest(token.name, [...flags.keys()]);
      throw new UsageError(
        `${token.rawName} is no flag of ${name}.${near === null ? "" : ` Did you mean --${near}?`}`,
        near === null ? help : `${name} --${near}`,
      );
    }
    checkValue(token.rawName, token.value, definition, help);
  }
  checkWords(words, { name, args, rest }, help);
}

function checkValue(flag: string, value: string | undefined, definition: ArgDef, help: string): void {
  if (definition.type === "boolean") {
    if (value === undefined || value === "true" || value === "false") return;
    throw new UsageError(`${flag} is on or off and takes no value, but was given "${value}".`, help);
  }
  if (value === undefined || value === "" || value.startsWith("--")) throw new UsageError(`${flag} needs a value.`, help);
  if (definition.type === "enum" && definition.options !== undefined && !definition.options.includes(value)) {
    throw new UsageError(`${flag} is one of ${definition.options.join(", ")}, but was "${value}".`, help);
  }
}

function checkWords(words: readonly string[], { name, args, rest }: Expected, help: string): void {
  const wanted = Object.entries(args).filter(([, definition]) => definition.type === "positional");
  const missing = wanted.slice(words.length).find(([, definition]) => definition.required !== false);
  if (missing !== undefined) throw new UsageError(`${name} needs ${missing[0].toUpperCase()}.`, help);
  const surplus = words[wanted.length];
  if (surplus !== undefined && !rest) {
    const most = wanted.length === 0 ? "no argument" : wanted.length === 1 ? "one argument" : `${wanted.length} arguments`;
    throw new UsageError(`${name} takes ${most}; "${surplus}" is one too many.`, help);
  }
}
