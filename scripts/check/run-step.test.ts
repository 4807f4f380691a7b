import { expect, it } from "vitest";
import { missingIn } from "./run-step.ts";

it("tells what the set-up of tests has found missing, and nothing else", () => {
  const output = "Redis: a private one\nmissing: MySQL or MariaDB: none\n ✓ nothing is missing: here\n";
  expect(missingIn(output)).toEqual(["missing: MySQL or MariaDB: none"]);
});
