// `npm test [-- vitest arguments]`: builds, prepares what tests need, runs vitest, ends with `N passed, M failed`.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, keepNewDatabase, root } from "./build.mjs";
import { prepareSystem } from "./test-system.mjs";

if (build() !== 0) process.exit(1);
prepareSystem();
// Tests make dozens of homes: they copy one database. Without it they only take longer.
spawnSync(process.execPath, keepNewDatabase, { cwd: root, stdio: "inherit" });

const folder = mkdtempSync(join(tmpdir(), "arriero-test-"));
// A test's Postgres runs as a user of its own, who has to pass through.
chmodSync(folder, 0o711);
const report = join(folder, "report.json");
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const run = spawnSync(
  process.execPath,
  [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)],
  // Whatever tests and the processes they start put into temporary folders goes with this one.
  { cwd: root, stdio: "inherit", env: { ...process.env, TMPDIR: folder } },
);

let result = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 0, testResults: [] };
try {
  result = JSON.parse(readFileSync(report, "utf8"));
} catch {
  process.stderr.write("the test runner left no report\n");
}
rmSync(folder, { recursive: true, force: true });

for (const file of result.testResults) {
  for (const test of file.assertionResults)
    if (test.status === "pending" || test.status === "skipped") console.log(`skipped: ${test.fullName}`);
}
// A file that cannot be loaded has no failed test of its own: it counts as one.
const unloadable = result.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
);
const failed = result.numFailedTests + unloadable.length;
console.log(
  `${result.numPassedTests} passed, ${failed} failed${result.numPendingTests > 0 ? `, ${result.numPendingTests} skipped` : ""}`,
);
process.exit(run.status === 0 && failed === 0 && result.numPassedTests > 0 ? 0 : 1);
