import type { ArgsDef } from "citty";
import { describe, expect, it } from "vitest";
import { checkArguments } from "./check-arguments.ts";
import { UsageError } from "./usage-error.ts";

const args = {
  model: { type: "positional", required: true },
  other: { type: "positional", required: false },
  port: { type: "string", alias: "p" },
  level: { type: "enum", options: ["info", "warn"] },
  open: { type: "boolean" },
} satisfies ArgsDef;
const check = (...rawArgs: string[]) => checkArguments(rawArgs, { name: "arriero x", args, rest: false });

describe("checkArguments", () => {
  it.each([
    [["m"]],
    [["m", "--port", "1", "--open"]],
    [["m", "-p", "1", "--no-open"]],
    [["m", "--port=-1", "n"]],
    [["m", "--port", "-1"]],
    [["--", "--m"]],
    [["m", "--level", "warn", "--open=false"]],
  ])("takes %j", (rawArgs) => expect(() => check(...rawArgs)).not.toThrow());

  it.each([
    [["m", "--prot", "1"], "--prot is no flag of arriero x. Did you mean --port?"],
    [["m", "-z"], "-z is no flag"],
    [["m", "--port"], "--port needs a value"],
    [["m", "--port", "--open"], "--port needs a value"],
    [["m", "--open=maybe"], "--open is on or off"],
    [["m", "--level", "loud"], "--level is one of info, warn"],
    [[], "arriero x needs MODEL"],
    [["a", "b", "c"], '"c" is one too many'],
    [["m", "--no-port"], "--no-port is no flag"],
  ])("refuses %j", (rawArgs, message) => {
    expect(() => check(...rawArgs)).toThrow(UsageError);
    expect(() => check(...rawArgs)).toThrow(message);
  });

  it("lets the last argument have the rest where that is declared", () =>
    expect(() => checkArguments(["a", "b", "c", "d"], { name: "x", args, rest: true })).not.toThrow());
});
