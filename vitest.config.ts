import { defineConfig } from "vitest/config";

/** Tests import the package by its own name; the private condition makes that the sources, with no build before. */
export default defineConfig({
  resolve: { conditions: ["firelater-source"] },
  ssr: { resolve: { conditions: ["firelater-source"] } },
  test: {
    include: ["scripts/**/*.test.ts", "src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
