import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Loop } from "./loop.ts";

const ignore = () => {};

describe("Loop", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A loop that counts its rounds and waits `wait` ms between them. */
  function counting(wait = 1_000) {
    const seen = { rounds: 0 };
    const loop = new Loop({
      failed: ignore,
      async round() {
        seen.rounds++;
        return wait;
      },
    });
    return { loop, seen };
  }

  it("runs a round at once, then one each time the wait is over", async () => {
    const { loop, seen } = counting();
    loop.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.rounds).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seen.rounds).toBe(4);
    await loop.stop();
  });

  it("starts one life only, however often it is started", async () => {
    const { loop, seen } = counting();
    loop.start();
    loop.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.rounds).toBe(1);
    await loop.stop();
  });

  it("comes at once when it is woken while it waits", async () => {
    const { loop, seen } = counting();
    loop.start();
    await vi.advanceTimersByTimeAsync(0);
    loop.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.rounds).toBe(2);
    await loop.stop();
  });

  it("gives one more round, not several, for wakes during a round", async () => {
    let finish = ignore;
    let rounds = 0;
    const loop = new Loop({
      failed: ignore,
      async round() {
        rounds++;
        if (rounds === 1) await new Promise<void>((resolve) => (finish = resolve));
        return 1_000;
      },
    });
    loop.start();
    loop.wake();
    loop.wake();
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(rounds).toBe(2);
    await loop.stop();
  });

  it("reports a round that throws, at once or later, and goes on", async () => {
    const failures: number[] = [];
    let rounds = 0;
    const loop = new Loop({
      failed: (_, inARow) => failures.push(inARow),
      backoff: { firstMs: 10, longestMs: 100 },
      round() {
        rounds++;
        if (rounds === 1) throw new Error("at once");
        if (rounds === 2) return Promise.reject(new Error("later"));
        return Promise.resolve(1_000);
      },
    });
    loop.start();
    await vi.advanceTimersByTimeAsync(100);
    expect({ failures, rounds }).toEqual({ failures: [1, 2], rounds: 3 });
    await loop.stop();
  });

  it("does not die when the one who is told of a failure throws too", async () => {
    let rounds = 0;
    const loop = new Loop({
      failed: () => {
        throw new Error("a logger that is broken");
      },
      backoff: { firstMs: 10, longestMs: 10 },
      async round() {
        if (++rounds === 1) throw new Error("once");
        return 1_000;
      },
    });
    loop.start();
    await vi.advanceTimersByTimeAsync(20);
    expect(rounds).toBe(2);
    await loop.stop();
  });

  it("never spins: failures in a row wait longer and longer, up to the longest, whatever wakes it", async () => {
    const times: number[] = [];
    const loop = new Loop({
      failed: ignore,
      backoff: { firstMs: 100, longestMs: 1_000 },
      async round() {
        times.push(Date.now());
        throw new Error("always");
      },
    });
    loop.start();
    for (let ms = 0; ms < 20_000; ms += 10) {
      loop.wake();
      await vi.advanceTimersByTimeAsync(10);
    }
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(times.length).toBeLessThan(60);
    expect(waits[0]).toBeGreaterThanOrEqual(50);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_010);
    await loop.stop();
  });

  it("lets the round under way finish before stop resolves, and starts no other", async () => {
    let finish = ignore;
    let rounds = 0;
    const loop = new Loop({
      failed: ignore,
      async round() {
        rounds++;
        await new Promise<void>((resolve) => (finish = resolve));
        return 0;
      },
    });
    loop.start();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    await vi.advanceTimersByTimeAsync(10);
    expect(rounds).toBe(1);
  });

  it("may be stopped twice, or before it was started", async () => {
    const { loop, seen } = counting();
    await loop.stop();
    loop.start();
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([loop.stop(), loop.stop()]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(seen.rounds).toBe(1);
  });

  // Whoever awaits what a round has settled may come back with more while that very round is ending.
  it.each(Array.from({ length: 12 }, (_, depth) => depth))(
    "runs again when it is started %i microtasks after it was told to stop",
    async (depth) => {
      const { loop, seen } = counting();
      loop.start();
      await vi.advanceTimersByTimeAsync(0);
      const before = seen.rounds;
      void loop.stop();
      for (let i = 0; i < depth; i++) await Promise.resolve();
      loop.start();
      loop.wake();
      await vi.advanceTimersByTimeAsync(5_000);
      expect(seen.rounds).toBeGreaterThan(before);
      await loop.stop();
    },
  );

  it("bears waits that a timer cannot hold", async () => {
    const { loop, seen } = counting(Number.MAX_SAFE_INTEGER);
    loop.start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen.rounds).toBe(1);
    await loop.stop();
  });
});
