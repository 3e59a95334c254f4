#!/usr/bin/env node
// The `arriero` command of a checkout: builds it on first use, then runs it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  const { build } = await import("../../../scripts/build.mjs");
  const status = build();
  if (status !== 0) process.exit(status);
}
process.argv[1] = fileURLToPath(main);
await import(main.href);
