#!/usr/bin/env node
import { processSession } from "./process-session.ts";
import { runCli } from "./run-cli.ts";

const argv = process.argv.slice(2);
process.exitCode = await runCli(argv, processSession(argv));
