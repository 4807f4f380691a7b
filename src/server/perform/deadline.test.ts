import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "./deadline.ts";

describe("Deadline", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** How long the wait took, in steps of 10 ms, while `then` happens after 100 ms. */
  async function waited(wait: Promise<void>, then: () => void = () => {}): Promise<number> {
    let over = false;
    void wait.then(() => {
      over = true;
    });
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (over) return ms;
      if (ms === 100) then();
      await vi.advanceTimersByTimeAsync(10);
    }
    return Number.POSITIVE_INFINITY;
  }
  const never = new Promise<void>(() => {});

  it("ends a wait for what does not come, at the time that was set or sooner", async () => {
    expect(await waited(new Deadline(500).wait(never))).toBe(500);
    expect(await waited(new Deadline(500).wait(never, 200))).toBe(200);
    expect(await waited(new Deadline(0).wait(never))).toBeLessThanOrEqual(10);
  });

  it("ends with the work, and leaves no timer behind", async () => {
    const deadline = new Deadline(500);
    await deadline.wait(Promise.resolve());
    await expect(deadline.wait(Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("can be brought forward under a wait, and never put off", async () => {
    const deadline = new Deadline(5_000);
    const wait = waited(deadline.wait(never), () => deadline.bringForward(300));
    expect(await wait).toBe(400);
    const late = new Deadline(500);
    expect(await waited(late.wait(never), () => late.bringForward(9_000))).toBe(500);
  });

  it("does not end at once for being further away than a timer can count", async () => {
    expect(await waited(new Deadline(2 ** 40).wait(never))).toBe(Number.POSITIVE_INFINITY);
  });
});
