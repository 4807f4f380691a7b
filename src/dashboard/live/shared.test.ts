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

test("one that never comes is given up: who asks later has it made anew, and it changes nothing any more", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  const answers = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  let made = 0;
  const shared = new Shared(1_000, () => answers[made++]?.promise ?? Promise.resolve(0));
  void shared.get();
  await vi.advanceTimersByTimeAsync(59_000);
  void shared.get();
  expect(made).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  const second = shared.get();
  expect(made).toBe(2);
  answers[0]?.resolve(1);
  answers[1]?.resolve(2);
  expect(await second).toBe(2);
  await vi.advanceTimersByTimeAsync(0);
  expect([await shared.get(), made]).toEqual([2, 2]);
});

test("what is forgotten is made anew, and does not come back", async () => {
  const { shared, ask } = slow(10);
  const first = shared.get();
  shared.forget();
  const second = shared.get();
  await vi.advanceTimersByTimeAsync(10);
  expect([await first, await second, await ask()]).toEqual([1, 2, 2]);
});
