import { describe, expect, it } from "vitest";
import type { InsertOutcome, NewJob } from "../storage/index.ts";
import { newJobs } from "../testing/contract/builders.ts";
import { writeTogether } from "./shared-write.ts";

const down = new Error("no route");
const inserted = async (jobs: readonly NewJob[]) => jobs.map((): InsertOutcome => ({ outcome: "inserted" }));

describe("writeTogether", () => {
  it("writes once, when the last has come, in the order of the jobs", async () => {
    const jobs = newJobs(3);
    const writes: (readonly NewJob[])[] = [];
    const gates = jobs.map(() => Promise.withResolvers<void>());
    const write = (changed: readonly NewJob[]) => {
      writes.push(changed);
      return inserted(changed);
    };
    const written = writeTogether(jobs, write, async (job, place, store) => {
      await gates[place]?.promise;
      return store({ ...job, queue: `q${place}` });
    });
    for (const place of [2, 0, 1]) {
      expect(writes).toEqual([]);
      gates[place]?.resolve();
      await new Promise(setImmediate);
    }
    await written;
    expect(writes.map((one) => one.map(({ queue }) => queue))).toEqual([["q0", "q1", "q2"]]);
  });

  it("gives each job its own outcome", async () => {
    const outcomes: string[] = [];
    await writeTogether(
      newJobs(2),
      async () => [{ outcome: "exists" }, { outcome: "inserted" }],
      async (job, place, store) => {
        const outcome = await store(job);
        outcomes[place] = outcome.outcome;
        return outcome;
      },
    );
    expect(outcomes).toEqual(["exists", "inserted"]);
  });

  it("writes nothing when one does not come; the others hear why, and are waited for", async () => {
    const heard: unknown[] = [];
    let writes = 0;
    const write = async (jobs: readonly NewJob[]) => {
      writes++;
      return inserted(jobs);
    };
    const written = writeTogether(newJobs(3), write, async (job, place, store) => {
      if (place === 1) throw down;
      try {
        return await store(job);
      } finally {
        await new Promise(setImmediate);
        heard.push(place);
      }
    });
    await expect(written).rejects.toBe(down);
    expect(heard).toEqual([0, 2]);
    expect(writes).toBe(0);
  });

  it("says why first, not where first", async () => {
    const written = writeTogether(newJobs(2), inserted, async (_, place) => {
      if (place === 0) await new Promise(setImmediate);
      throw place === 0 ? new Error("later") : down;
    });
    await expect(written).rejects.toBe(down);
  });

  it("rejects with what the write throws, whatever becomes of it on the way", async () => {
    const written = writeTogether(
      newJobs(2),
      () => Promise.reject(down),
      (job, _, store) =>
        store(job).catch(() => {
          throw new Error("of a filter");
        }),
    );
    await expect(written).rejects.toBe(down);
  });
});
