import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../command-tree.ts";
import { bashCompletion } from "./bash.ts";
import { describeTree } from "./describe-tree.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const nodes = await describeTree(COMMANDS);
const has = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

/** What bash offers for this command line, the last word being completed. */
function offers(...words: string[]): string[] {
  const script = `${bashCompletion(nodes)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; COMPREPLY=()
_arriero; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stderr, stdout } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((word) => word !== "");
}

describe("completion", () => {
  it("knows every command and flag", () => {
    expect(nodes.map(({ path }) => path.join(" "))).toEqual(expect.arrayContaining(["", "up", "config check"]));
    expect(nodes.find(({ path }) => path[0] === "up")?.flags.find(({ name }) => name === "--log-level")?.value).toMatchObject({
      kind: "words",
    });
  });

  it.skipIf(!has("bash"))("offers commands, flags and values in bash (skipped where bash is missing)", () => {
    expect(offers("arriero", "co")).toEqual(["config", "completion"]);
    expect(offers("arriero", "config", "")).toEqual(["check"]);
    expect(offers("arriero", "completion", "z")).toEqual(["zsh"]);
    expect(offers("arriero", "list", "--j")).toEqual(["--json"]);
    expect(offers("arriero", "up", "--log-level", "w")).toEqual(["warn"]);
    expect(offers("arriero", "--home", "x", "up", "--max")).toEqual(["--max-loaded", "--max-running"]);
  });

  it.each([
    ["bash", bashCompletion(nodes)],
    ["zsh", zshCompletion(nodes)],
    ["fish", fishCompletion(nodes)],
  ])("is a script that %s can read (skipped where it is missing)", (shell, script) => {
    for (const command of Object.keys(COMMANDS)) expect(script).toContain(command);
    if (!has(shell)) return;
    const { status, stderr } = spawnSync(shell, shell === "fish" ? ["--no-execute"] : ["-n"], {
      input: script,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});
