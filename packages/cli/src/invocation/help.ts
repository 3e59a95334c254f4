import type { ArgDef, ArgsDef } from "citty";
import type { Screen } from "../terminal/screen.ts";
import { displayWidth, pad, wrapWords } from "../terminal/text-width.ts";
import { type Command, type CommandTree, GLOBAL_ARGS } from "./command.ts";

type Row = readonly [left: string, right: string];

const HELP_COLUMNS = 100;
const CLOSING = [
  "`arriero up` serves the bundled model; `arriero run arriero-demo` talks to it.",
  "`arriero COMMAND --help` tells more about one.",
];

export function flagLabel(name: string, definition: ArgDef): string {
  const alias = "alias" in definition && definition.alias !== undefined ? [definition.alias].flat() : [];
  const short = alias.find((each) => each.length === 1);
  const value = definition.type === "enum" ? (definition.options ?? []).join("|") : (definition.valueHint ?? name.toUpperCase());
  return `${short === undefined ? "    " : `-${short}, `}--${name}${definition.type === "boolean" ? "" : ` ${value}`}`;
}

export function usageOf(path: readonly string[], command: Command): string {
  const words = Object.entries(command.declared)
    .filter(([, definition]) => definition.type === "positional")
    .map(([name, definition]) => (definition.required === false ? `[${name.toUpperCase()}]` : name.toUpperCase()));
  const flags = Object.values(command.declared).some((definition) => definition.type !== "positional");
  const children = Object.keys(command.children).length > 0 ? ["COMMAND"] : [];
  return ["arriero", ...path, ...children, ...words, ...(flags ? ["[flags]"] : [])].join(" ");
}

/** Two columns; the right one wraps under itself, or goes below where the terminal is narrow. */
function rows(list: readonly Row[], screen: Screen): string {
  const width = Math.min(HELP_COLUMNS, screen.columns());
  const left = Math.min(34, Math.max(0, ...list.map(([label]) => displayWidth(label))));
  const room = width - left - 4;
  return list
    .map(([label, text]) => {
      if (room < 24)
        return [`  ${label}`, ...wrapWords(text, width - 6).map((line) => `      ${screen.palette.quiet(line)}`)].join("\n");
      const lines = wrapWords(text, room);
      const indent = `\n${" ".repeat(left + 4)}`;
      const first = displayWidth(label) > left ? `  ${label}${indent}` : `  ${pad(label, left)}  `;
      return (first + lines.map((line) => screen.palette.quiet(line)).join(indent)).trimEnd();
    })
    .join("\n");
}

function flagRows(args: ArgsDef): Row[] {
  return Object.entries(args)
    .filter(([, definition]) => definition.type !== "positional")
    .map(([name, definition]) => [flagLabel(name, definition), definition.description ?? ""]);
}

/** The help of one command. */
export async function commandHelp(path: readonly string[], command: Command, screen: Screen): Promise<string> {
  const { strong, quiet } = screen.palette;
  const room = Math.min(HELP_COLUMNS, screen.columns());
  const parts = [wrapWords(`${command.summary}.`, room).join("\n"), `${strong("Usage")}  ${usageOf(path, command)}`];
  if (command.alias.length > 0) parts.push(`${strong("Also")}   ${command.alias.map((alias) => `arriero ${alias}`).join(", ")}`);
  const children = await Promise.all(Object.values(command.children).map((load) => load()));
  if (children.length > 0)
    parts.push(
      section(
        "Commands",
        children.map((child): Row => [child.name, child.summary]),
      ),
    );
  const words = Object.entries(command.declared).filter(([, definition]) => definition.type === "positional");
  if (words.length > 0) {
    parts.push(
      section(
        "Arguments",
        words.map(([name, definition]): Row => [name.toUpperCase(), definition.description ?? ""]),
      ),
    );
  }
  const flags = flagRows(command.declared);
  if (flags.length > 0) parts.push(section("Flags", flags));
  parts.push(section("Everywhere", flagRows(GLOBAL_ARGS)));
  if (command.examples.length > 0) {
    const examples = command.examples.map(({ line, why }) => `  ${quiet(`# ${why}`)}\n  ${line}`);
    parts.push(`${strong("Examples")}\n${examples.join("\n")}`);
  }
  return `${parts.join("\n\n")}\n`;

  function section(title: string, list: readonly Row[]): string {
    return `${strong(title)}\n${rows(list, screen)}`;
  }
}

/** What `arriero` alone prints: every command in the order of the tree. */
export async function rootHelp(tree: CommandTree, version: string, screen: Screen): Promise<string> {
  const commands = await Promise.all(Object.values(tree).map((load) => load()));
  const { strong, quiet } = screen.palette;
  return [
    `${strong("arriero")} ${quiet(version)}  open language models from one command`,
    "",
    `${strong("Usage")}  arriero COMMAND [flags]`,
    "",
    strong("Commands"),
    rows(
      commands.map((each): Row => [[each.name, ...each.alias].join(", "), each.summary]),
      screen,
    ),
    "",
    strong("Everywhere"),
    rows(flagRows(GLOBAL_ARGS), screen),
    "",
    ...CLOSING.flatMap((line) => wrapWords(line, Math.min(HELP_COLUMNS, screen.columns()))).map(quiet),
    "",
  ].join("\n");
}
