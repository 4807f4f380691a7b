import { afterEach, expect, test, vi } from "vitest";
import { Shared } from "./shared.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Takes so long for each answer, and counts them. */
function slow(tookMs: number) {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  let made = 0;
  const shared = new Shared(1_000, async () => {
    const nth = ++made;
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    if (nth === 3) throw new Error("no");
    return nth;
  });
  const ask = async () => {
    const answer = shared.get();
    answer.catch(() => {});
    await vi.advanceTimersByTimeAsync(tookMs);
    return answer;
  };
  return { shared, ask };
}

test("all who ask while it is made, and for a while after, get one answer", async () => {
  const { shared, ask } = slow(10);
  const [first, second] = [shared.get(), shared.get()];
  await vi.advanceTimersByTimeAsync(10);
  expect([await first, await second, await ask()]).toEqual([1, 1, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ask()).toBe(2);
});

test("an answer that took long is kept for longer", async () => {
  const { ask } = slow(2_000);
  expect(await ask()).toBe(1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await ask()).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await ask()).toBe(2);
});

test("a failure is not kept", async () => {
  const { ask } = slow(10);
  for (const answer of [1, 2]) {
    expect(await ask()).toBe(answer);
    await vi.advanceTimersByTimeAsync(2_000);
  }
  await expect(ask()).rejects.toThrow("no");
  expect(await ask()).toBe(4);
});
