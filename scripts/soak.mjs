// `npm run soak [-- NAME[=COUNT]...]`: what must hold in the long run, at full counts. Minutes to hours, not part of
// `npm test`, which runs the same files at small counts. Without a name: all of them.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./build.mjs";

const END_TO_END = "packages/cli/src/end-to-end";

/** Each prints what it saw; docs/reliability.md says what of it is asked. */
const SOAKS = {
  faults: "packages/gateway/src/upstream/fault-table.test.ts",
  kills: `${END_TO_END}/kills.test.ts`,
  residency: "packages/gateway/src/backends/residency-over-http.test.ts",
  fuzz: `${END_TO_END}/fuzz.test.ts`,
  python: `${END_TO_END}/python/python-clients.test.ts`,
  snapshots: `${END_TO_END}/snapshot.test.ts`,
  store: "packages/store/src/store-kills.test.ts",
  survival: `${END_TO_END}/survival.test.ts`,
};

const asked = process.argv.slice(2).map((argument) => argument.split("="));
const wrong = asked.filter(([name, count]) => !Object.hasOwn(SOAKS, name) || (count !== undefined && !/^\d+$/.test(count)));
if (wrong.length > 0) {
  console.error(
    `no soak is asked for so: ${wrong.map((parts) => parts.join("=")).join(", ")}; there are ${Object.keys(SOAKS).join(", ")}`,
  );
  process.exit(2);
}
if (build() !== 0) process.exit(1);
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const names = asked.length > 0 ? asked.map(([name]) => name) : Object.keys(SOAKS);
const counts = asked.flatMap(([name, count]) => (count === undefined ? [] : [[`ARRIERO_SOAK_${name.toUpperCase()}`, count]]));
const run = spawnSync(process.execPath, [vitest, "run", "--no-file-parallelism", ...names.map((name) => SOAKS[name])], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ARRIERO_SOAK: "1", ...Object.fromEntries(counts) },
});
process.exit(run.status ?? 1);
