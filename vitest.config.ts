import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["arriero:source"] },
  ssr: { resolve: { conditions: ["arriero:source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "bench/src/**/*.test.ts", "scripts/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    setupFiles: ["scripts/property-seed.mjs"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
