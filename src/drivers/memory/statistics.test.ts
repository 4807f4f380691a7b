import { expect, test } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, STATISTICS_MS } from "../../storage/index.ts";
import { MemoryStorage } from "./index.ts";

const HOUR_MS = 3_600_000;
const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };

test("each write is counted in its own hour, and hours that are too old are forgotten", async () => {
  let now = 10 * HOUR_MS;
  const storage = new MemoryStorage({ now: () => now });
  const end = async (state: "Succeeded" | "Failed") => {
    const id = newId();
    const job = { id, queue: "a", rank: 0, name: "a.b", args: "[]", displayName: null };
    await storage.insert([{ ...job, entry: entryTail("Enqueued") }]);
    await storage.commit([{ id, fence: 1, state, entry: entryTail(state), past: "" }]);
  };
  await end("Succeeded");
  now += HOUR_MS - 1;
  await end("Failed");
  now += 1;
  await end("Succeeded");
  const none = { succeeded: 0, failed: 0, deleted: 0, retried: 0 };
  const first = { ...none, at: 10 * HOUR_MS, succeeded: 1, failed: 1 };
  const second = { ...none, at: 11 * HOUR_MS, succeeded: 1 };
  expect(await storage.statistics(ALL)).toEqual([first, second]);
  now = 11 * HOUR_MS + STATISTICS_MS;
  await end("Failed");
  expect(await storage.statistics(ALL)).toEqual([second, { ...none, at: now, failed: 1 }]);
});
