import { defineConfig } from "vitest/config";

const everything = ["packages/*/src/**/*.test.ts", "bench/src/**/*.test.ts", "scripts/**/*.test.ts"];
/** Tests that start Arriero's processes, a database or a browser, and wait for them rather than compute. */
const ofProcesses = [
  "packages/cli/src/end-to-end/**/*.test.ts",
  "packages/cli/src/main.test.ts",
  "packages/store/src/**/*.test.ts",
  "packages/web/src/browser/**/*.test.ts",
];

export default defineConfig({
  resolve: { conditions: ["arriero:source"] },
  ssr: { resolve: { conditions: ["arriero:source"] } },
  test: {
    pool: "forks",
    maxWorkers: 2,
    setupFiles: ["scripts/property-seed.mjs"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    projects: [
      { extends: true, test: { name: "processes", include: ofProcesses } },
      // Files of one process share what they import: loading it anew for each takes longer than most of them run. A test
      // that changes what others see (a variable of the environment, a clock) puts it back.
      { extends: true, test: { name: "shared", include: everything, exclude: ofProcesses, isolate: false } },
    ],
  },
});
