// `npm run soak [-- NAME...]`: what must hold in the long run, at full counts. Minutes each, not part of `npm test`,
// which runs the same files at small counts. Without a name: all of them.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./build.mjs";

const END_TO_END = "packages/cli/src/end-to-end";

/** Each prints what it saw. */
const SOAKS = {
  faults: "packages/gateway/src/upstream/fault-table.test.ts",
  cancellations: `${END_TO_END}/survival.test.ts`,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(SOAKS, name));
if (unknown.length > 0) {
  console.error(`no soak is named ${unknown.join(", ")}; there are ${Object.keys(SOAKS).join(", ")}`);
  process.exit(2);
}
if (build() !== 0) process.exit(1);
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const files = (names.length > 0 ? names : Object.keys(SOAKS)).map((name) => SOAKS[name]);
const run = spawnSync(process.execPath, [vitest, "run", "--no-file-parallelism", ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ARRIERO_SOAK: "1" },
});
process.exit(run.status ?? 1);
