// `npm run check`: types, lint, format, boundaries, dead code. Runs all, then says which failed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./build.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);
const STEPS = [
  ["types", bin("tsc"), ["-b"]],
  ["types of tests", bin("tsc"), ["-p", "tsconfig.test.json"]],
  ["lint and format", bin("biome"), ["check", "--error-on-warnings", "."]],
  ["boundaries", process.execPath, ["scripts/boundaries.mjs"]],
  ["dead code", bin("knip"), ["--no-progress"]],
];

const failed = [];
for (const [name, command, args] of STEPS) {
  const run = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  console.log(`${run.status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (run.status !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`check failed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
