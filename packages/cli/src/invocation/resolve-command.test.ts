import { describe, expect, it } from "vitest";
import { COMMANDS } from "../command-tree.ts";
import { resolveCommand } from "./resolve-command.ts";

describe("resolveCommand", () => {
  it.each([
    [["list", "--json"], ["list"], ["--json"]],
    [["ls"], ["list"], []],
    [["config", "check", "a.yaml"], ["config", "check"], ["a.yaml"]],
    [["--home", "list", "list"], ["list"], ["--home", "list"]],
    [["--no-color", "config", "--help"], ["config"], ["--no-color", "--help"]],
    [["run", "up"], ["run"], ["up"]],
    [[], [], []],
  ])("%j", async (argv, path, rawArgs) => {
    expect(await resolveCommand(COMMANDS, argv)).toMatchObject({ path, rawArgs });
  });
  it("suggests the nearest command", async () => {
    await expect(resolveCommand(COMMANDS, ["sotp"])).rejects.toMatchObject({
      message: expect.stringContaining('"stop"'),
      hint: "arriero stop",
    });
    await expect(resolveCommand(COMMANDS, ["config", "chek"])).rejects.toMatchObject({ hint: "arriero config check" });
    await expect(resolveCommand(COMMANDS, ["constructor"])).rejects.toMatchObject({ name: "UsageError" });
  });
});
