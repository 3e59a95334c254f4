// `npm run soak`: the survival tests at their full counts. Minutes, not part of `npm test`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./build.mjs";

if (build() !== 0) process.exit(1);
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const run = spawnSync(process.execPath, [vitest, "run", "packages/cli/src/end-to-end/survival.test.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ARRIERO_SOAK: "1" },
});
process.exit(run.status ?? 1);
