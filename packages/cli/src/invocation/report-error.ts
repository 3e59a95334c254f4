import { ArrieroError } from "@arriero/spec";
import type { Screen } from "../terminal/screen.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { UsageError } from "./usage-error.ts";

/** The user stopped it: exit 130 without an error message. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}

/** Writes what went wrong and what to do, and gives the exit code. The stack shows only under ARRIERO_DEBUG. */
export function reportError(thrown: unknown, screen: Screen, debug: boolean): ExitCode {
  if (thrown instanceof Interrupted) return EXIT.interrupted;
  const usage = thrown instanceof UsageError;
  const error = usage ? thrown : ArrieroError.wrap(thrown);
  const code = error instanceof ArrieroError ? error.code : "usage";
  const hint = error instanceof ArrieroError ? error.body.hint : error.hint;
  const { accent, quiet } = screen.palette;
  screen.write(`${accent(`error [${code}]`)} ${error.message}\n`);
  if (hint !== "") screen.write(`${quiet(`hint: ${hint}`)}\n`);
  if (debug) screen.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  return usage ? EXIT.usage : EXIT.failure;
}
