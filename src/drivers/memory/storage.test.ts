import { describe, expect, test } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, type NewJob, type Signal } from "../../storage/index.ts";
import { MemoryStorage } from "./index.ts";

function job(over: Partial<NewJob> = {}): NewJob {
  const entry = entryTail(over.due === undefined ? "Enqueued" : "Scheduled");
  const named = { queue: "default", rank: 0, name: "a.b", args: "[]", displayName: null };
  return { id: newId(), ...named, entry, ...over };
}

describe("a memory storage", () => {
  test("has a name of its own, which a second handle shares", () => {
    const [first, second] = [new MemoryStorage(), new MemoryStorage()];
    expect(first.name).toMatch(/^memory:\d+$/);
    expect(second.name).not.toBe(first.name);
    expect(new MemoryStorage({ sharing: first }).name).toBe(first.name);
  });

  test("takes its time from the clock that it was given", async () => {
    let now = 5_000;
    const storage = new MemoryStorage({ now: () => now });
    await storage.insert([job({ due: { in: 60_000 } })]);
    expect(await storage.promote(1)).toEqual({ promoted: 0, nextDueAt: 65_000, now: 5_000 });
    now = 64_999;
    expect((await storage.promote(1)).promoted).toBe(0);
    now = 65_000;
    expect(await new MemoryStorage({ sharing: storage }).promote(1)).toEqual({
      promoted: 1,
      nextDueAt: null,
      now: 65_000,
    });
  });

  test("tells the writes of one turn in one signal, after them", async () => {
    const storage = new MemoryStorage();
    const heard: Signal[] = [];
    storage.subscribe((signal) => heard.push(signal));
    const writes = ["a", "b", "a"].map((queue) => storage.insert([job({ queue })]));
    expect(heard).toEqual([]);
    await Promise.all(writes);
    expect(heard).toEqual([{ kind: "ready", queues: ["a", "b"] }]);
  });

  test("gives rows that cannot be changed", async () => {
    const storage = new MemoryStorage();
    const { id } = job();
    await storage.insert([job({ id })]);
    const [row] = await storage.get([id]);
    expect(Object.isFrozen(row)).toBe(true);
  });

  test("finds the ready jobs of one queue among many of others", async () => {
    const storage = new MemoryStorage();
    const incarnation = "server";
    const announced = { name: "a", host: "h", pid: 1, pidStartedAt: "1", queues: ["a"], workerCount: 1 };
    await storage.announce({ incarnation, ...announced, timeoutMs: 60_000 });
    for (let chunk = 0; chunk < 20; chunk++) {
      await storage.insert(Array.from({ length: 1_000 }, () => job({ queue: chunk % 2 === 0 ? "a" : "c" })));
    }
    const { id } = job();
    await storage.insert([job({ id, queue: "b" })]);
    const request = { incarnation, entry: entryTail("Processing"), slots: 1, buffer: 0 };
    expect((await storage.claim({ ...request, queues: ["x", "b", "c"] }))[0]?.id).toBe(id);
    expect(await storage.claim({ ...request, queues: ["b", "x"] })).toEqual([]);
  });
});
