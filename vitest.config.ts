import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["functions/**/*.test.ts", "test/**/*.test.ts", "infra/**/*.test.ts"],
    exclude: ["test/clients/**", "node_modules/**", ".sst/**", "dist/**"],
    // Most tests wait for browsers and servers: two on two cores leave a third of them idle.
    maxWorkers: 3,
    maxConcurrency: 10,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    env: { NODE_ENV: "test" },
  },
});
