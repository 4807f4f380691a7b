import { describe, expect, it } from "vitest";
import { missingTargets } from "./targets.ts";

const packageJson = JSON.stringify({
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  },
  bin: { firelater: "./dist/cli/main.js" },
});

describe("what a build must have made", () => {
  it("is all that package.json names", () => {
    expect(missingTargets(packageJson, () => true)).toEqual([]);
    expect(
      missingTargets(packageJson, (path) => path === "./package.json").map(({ message }) => message),
    ).toEqual([
      "names ./dist/index.d.ts, which was not built",
      "names ./dist/index.js, which was not built",
      "names ./dist/cli/main.js, which was not built",
    ]);
  });
});
