import assert from "node:assert/strict";
import type { Signal, Storage } from "../../storage/index.ts";
import { behind, changeOf, LONG_MS, newJobs } from "./builders.ts";
import { eventually } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const signal: Section<"signal"> = section("signal", {
  "a ready job is told of with its queue": async ({ storage, insert }) => {
    const heard = listen(storage);
    await insert({ queue: "a" }, { queue: "b" });
    await hears(heard, (signal) => signal.kind === "ready" && signal.queues.includes("a"));
    await hears(heard, (signal) => signal.kind === "ready" && signal.queues.includes("b"));
  },

  "a scheduled job is told of with its instant": async ({ storage, claimed, enter, inserted }) => {
    const { dueAt } = await hearing(storage, "due", () => inserted({ due: { in: LONG_MS } }));
    assert(dueAt !== null);
    const job = await claimed();
    const heard = listen(storage);
    const retry = await enter(job, "Scheduled", { due: { in: 1_000 } });
    await hears(heard, (signal) => signal.kind === "due" && signal.at === retry.dueAt);
  },

  "a job that ends is told of": async ({ storage, claimed, enter }) => {
    for (const state of ["Succeeded", "Failed", "Deleted"] as const) {
      const job = await claimed();
      await hearing(storage, "finished", () => enter(job, state));
    }
  },

  "a job that is ready again is told of": async ({ storage, claimed, enter, lose, insert }) => {
    const jobs = [await claimed(), await claimed(), await claimed()] as const;
    await hearing(storage, "ready", () => enter(jobs[0], "Enqueued"));
    await hearing(storage, "ready", () => storage.giveBack([jobs[1]]));
    await hearing(storage, "ready", () => lose(jobs[2].owner ?? ""));
    await insert({ due: { at: 1_000 } });
    await hearing(storage, "ready", () => storage.promote(1));
  },

  "a gate that opens is told of": async ({ storage, inserted, enter }) => {
    const parent = await inserted();
    await inserted({ queue: "after", ...behind(parent.id) });
    const heard = listen(storage);
    await enter(parent, "Succeeded");
    await hears(heard, (signal) => signal.kind === "ready" && signal.queues.includes("after"));
  },

  "waiters that are left over are told of": async ({ storage, inserted, insert, enter }) => {
    const parent = await inserted();
    for (const _ of [1, 2]) await insert(...newJobs(80, behind(parent.id)));
    await hearing(storage, "released", () => enter(parent, "Succeeded"));
  },

  "a parked job is told of": async ({ storage, claimed }) => {
    const job = await claimed();
    await hearing(storage, "parked", () => storage.park([job]));
  },

  "what a signal tells of can be read when it is heard": async ({ storage, claimed, commit }) => {
    const job = await claimed();
    const states = new Promise<string | undefined>((resolve, reject) => {
      storage.subscribe((signal) => {
        if (signal.kind === "finished") storage.get([job.id]).then(([row]) => resolve(row?.state), reject);
      });
    });
    await commit(changeOf(job, "Succeeded"));
    assert.equal(await states, "Succeeded");
  },

  "many jobs of one write are one signal": async ({ storage, insert }) => {
    const heard = listen(storage);
    await insert(...newJobs(50));
    await hears(heard, ({ kind }) => kind === "ready");
    assert(heard.filter(({ kind }) => kind === "ready").length <= 2, "one signal for each job");
  },

  "of many due times in one write the earliest is told": async ({ storage, insert }) => {
    const heard = listen(storage);
    const at = (await storage.now()) + LONG_MS;
    await insert({ due: { at: at + 2 } }, { due: { at } }, { due: { at: at + 1 } });
    await hears(heard, (signal) => signal.kind === "due" && signal.at === at);
  },

  "another handle hears that something was written": async ({ another, insert }) => {
    const heard = listen(await another());
    await insert({});
    await hears(heard, ({ kind }) => kind === "ready" || kind === "changed");
  },

  "whoever has stopped listening hears nothing, the others go on": async ({ storage, insert }) => {
    const stopped: Signal[] = [];
    const stop = storage.subscribe((signal) => stopped.push(signal));
    const heard = listen(storage);
    stop();
    stop();
    await insert({});
    await hears(heard, ({ kind }) => kind === "ready");
    assert.deepEqual(stopped, []);
  },
});

function listen(storage: Storage): Signal[] {
  const heard: Signal[] = [];
  storage.subscribe((signal) => heard.push(signal));
  return heard;
}

async function hears(heard: readonly Signal[], wanted: (signal: Signal) => boolean): Promise<void> {
  await eventually("the signal is heard", async () => (heard.some(wanted) ? true : undefined));
}

/** Does something and waits for a signal of this kind. */
async function hearing<T>(storage: Storage, kind: Signal["kind"], action: () => Promise<T>): Promise<T> {
  const heard = listen(storage);
  const result = await action();
  await hears(heard, (signal) => signal.kind === kind);
  return result;
}
