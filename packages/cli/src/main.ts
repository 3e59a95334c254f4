#!/usr/bin/env node
import { reportError } from "./invocation/report-error.ts";
import { processSession } from "./process-session.ts";
import { runCli } from "./run-cli.ts";

const argv = process.argv.slice(2);
const session = processSession(argv);
// What escapes every handler is still told as an error with its code, not as a stack.
process.on("uncaughtException", (thrown) => {
  process.exit(reportError(thrown, session.err, Boolean(session.env.ARRIERO_DEBUG)));
});
process.exitCode = await runCli(argv, session);
