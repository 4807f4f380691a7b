import { describe, expect, it } from "vitest";
import { replacementDelay } from "./replacement-delay.ts";

describe("replacementDelay", () => {
  const least = (failures: number) => replacementDelay(failures, () => 0);
  const most = (failures: number) => replacementDelay(failures, () => 1);

  it("is none when a job was to blame, or nothing is known", () => {
    expect([least(0), most(0)]).toEqual([0, 0]);
  });

  it("is half a second at least after a death without a job, and grows with each", () => {
    expect([1, 2, 3, 4, 5].map(least)).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
    expect([1, 2, 3, 4, 5].map(most)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it("is never longer than half a minute: a module that is mended is found", () => {
    expect([6, 100, 1e6].map(most)).toEqual([30_000, 30_000, 30_000]);
  });
});
