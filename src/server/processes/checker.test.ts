import { expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { newId } from "../../base/ids.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { ClaimLostError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import { createChecker } from "./checker.ts";

it("more runs than a call may carry are asked about in several calls, and all hear of their loss", async () => {
  const storage = new MemoryStorage();
  const sizes: number[] = [];
  const { check } = storage;
  Reflect.set(storage, "check", (claims: Parameters<typeof check>[0]) => {
    sizes.push(claims.length);
    return Reflect.apply(check, storage, [claims]);
  });
  const recorder = { log() {}, progress() {}, parameters() {} };
  const count = storage.manifest.maxRows + 1;
  const runs = Array.from({ length: count }, () => new JobRun(claimedJob({ id: newId() }), recorder));
  const failures: unknown[] = [];
  const checker = createChecker({
    storage,
    runs: new Set(runs),
    failed: (error) => failures.push(error),
  });
  checker.start();
  await expect
    .poll(() => runs.filter(({ abortReason }) => abortReason instanceof ClaimLostError).length, {
      timeout: 15_000,
    })
    .toBe(count);
  await checker.stop();
  expect(failures).toEqual([]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(storage.manifest.maxRows);
});
