import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "./command-tree.ts";
import { type Command, type CommandTree, GLOBAL_ARGS } from "./invocation/command.ts";
import { commandHelp, rootHelp } from "./invocation/help.ts";
import { createScreen } from "./terminal/screen.ts";
import { displayWidth } from "./terminal/text-width.ts";

const docs = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
const screen = (columns: number) => createScreen({ isTTY: true, columns, write: () => undefined }, { TERM: "dumb" });

async function all(tree: CommandTree, path: readonly string[] = []): Promise<[readonly string[], Command][]> {
  const commands = await Promise.all(Object.values(tree).map((load) => load()));
  const nested = commands.map(async (command): Promise<[readonly string[], Command][]> => {
    const here = [...path, command.name];
    return [[here, command], ...(await all(command.children, here))];
  });
  return (await Promise.all(nested)).flat();
}

const commands = await all(COMMANDS);

/** The part of the guide under this command's heading. */
function sectionOf(path: readonly string[]): string {
  const [, after] = docs.split(new RegExp(`^## arriero ${path.join(" ")}\\b.*$`, "m"));
  return after?.split(/^## /m)[0] ?? "";
}

describe.each(commands.map(([path, command]) => ({ name: path.join(" "), path, command })))(
  "arriero $name",
  ({ path, command }) => {
    it("is found under its own name", () => expect(Object.values(COMMANDS).length > 0 && path.at(-1)).toBe(command.name));

    it("has help with every argument, flag and example, that fits the terminal", async () => {
      for (const columns of [60, 80, 120]) {
        const help = await commandHelp(path, command, screen(columns));
        const words: [string, { readonly type?: string }][] = Object.entries({ ...command.declared, ...GLOBAL_ARGS });
        for (const [name, definition] of words)
          expect(help).toContain(definition.type === "positional" ? name.toUpperCase() : `--${name}`);
        for (const { line } of command.examples) expect(help).toContain(line);
        const wide = help
          .split("\n")
          .filter((line) => displayWidth(line) > columns && !command.examples.some((example) => line.includes(example.line)));
        expect(wide).toEqual([]);
      }
    });

    it("describes every argument and flag", () => {
      expect(command.summary).toMatch(/^[A-Z].*[^.]$/);
      for (const definition of Object.values(command.declared)) expect(definition.description ?? "").not.toBe("");
    });

    it("stands in docs/cli.md with every flag", () => {
      const section = sectionOf(path);
      expect(section).not.toBe("");
      const flags = Object.entries(command.declared).flatMap(([name, definition]) =>
        definition.type === "positional" ? [] : [`--${name}`],
      );
      expect(flags.filter((flag) => !new RegExp(`\`[^\`]*${flag}(?![\\w-])`).test(section))).toEqual([]);
    });
  },
);

describe("arriero", () => {
  it("lists every command within the width", async () => {
    const help = await rootHelp(COMMANDS, "0.0.0", screen(72));
    for (const name of Object.keys(COMMANDS)) expect(help).toMatch(new RegExp(`^  ${name}\\b`, "m"));
    for (const line of help.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(72);
  });
  it("documents the exit codes it uses", () => {
    for (const code of [0, 1, 2, 130]) expect(docs).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
  });
});
