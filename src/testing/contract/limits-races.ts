import assert from "node:assert/strict";
import type { JobRecord, Storage } from "../../storage/index.ts";
import { changeOf, limited, newJob, newJobs, PROCESSING } from "./builders.ts";
import { eventually } from "./expect.ts";
import { assertAllAdmitted, isOnItsWay, settled } from "./permits.ts";
import { Random } from "./random.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import { settle } from "./settle.ts";

const ROUNDS = 15;
const MAX = 2;

/** Many at one key: never more than may be, and nobody left behind. */
export const limitsRaces: Section<"limits-races"> = section("limits-races", {
  "of many that are stored at once as many are ready as may be": async (setup) => {
    const handles = [setup.storage, await setup.another()] as const;
    for (let round = 0; round < ROUNDS; round++) {
      const whenFull = round % 2 === 0 ? "wait" : "skip";
      const jobs = newJobs(6, limited(`k${round}`, MAX, whenFull));
      await Promise.all(jobs.map((job, nth) => handles[nth % 2 === 0 ? 0 : 1].insert([job])));
      const rows = await settled(setup, jobs.map(idOf));
      assert.equal(rows.filter(isOnItsWay).length, MAX);
      const left = rows.filter((row) => !isOnItsWay(row));
      assert(left.every(({ state, hold }) => (whenFull === "wait" ? hold === "limit" : state === "Deleted")));
    }
  },

  "a job that is stored while the holder ends never waits for ever": async (setup) => {
    const other = await setup.another();
    for (let round = 0; round < ROUNDS; round++) {
      const holder = await setup.claimed(limited(`k${round}`));
      const jobs = newJobs(3, limited(`k${round}`));
      await Promise.all([
        other.insert(jobs.slice(0, 1)),
        settle(setup.storage, changeOf(holder, "Succeeded")),
        other.insert(jobs.slice(1)),
      ]);
      const rows = await settled(setup, jobs.map(idOf));
      assertAllAdmitted(rows, 1);
      assert.equal(rows.filter(isOnItsWay).length, 1);
    }
  },

  "holders that end at once let as many in as they were": async (setup) => {
    const handles = [setup.storage, await setup.another()] as const;
    for (let round = 0; round < ROUNDS; round++) {
      const key = `k${round}`;
      const holders = [await setup.claimed(limited(key, MAX)), await setup.claimed(limited(key, MAX))];
      const ids = await setup.insert(...newJobs(4, limited(key, MAX)));
      await Promise.all(
        holders.map((job, nth) => settle(handles[nth === 0 ? 0 : 1], changeOf(job, "Succeeded"))),
      );
      const rows = await settled(setup, ids);
      assert.equal(rows.filter(isOnItsWay).length, MAX);
      assertAllAdmitted(rows, MAX);
    }
  },

  "jobs that are promoted by many at once are admitted one after another": async (setup) => {
    const handles = [setup.storage, await setup.another()] as const;
    const ids = await setup.insert(...newJobs(12, { ...limited("k", MAX), due: { at: 1_000 } }));
    await Promise.all(handles.map((handle) => handle.promote(6)));
    const rows = await settled(setup, ids);
    assertAllAdmitted(rows, MAX);
    assert.equal(rows.filter(isOnItsWay).length, MAX);
  },

  "servers that share a key work off all its jobs, never more than may be at a time": async (setup) => {
    const handles = [setup.storage, await setup.another()] as const;
    const jobs = Array.from({ length: 40 }, (_, nth) =>
      newJob({ ...limited("k", MAX), rank: nth % 3, queue: nth % 2 === 0 ? "default" : "slow" }),
    );
    const server = await setup.server();
    const scene = new Scene(jobs.map(idOf), server);
    const storing = jobs.map((job, nth) => handles[nth % 2 === 0 ? 0 : 1].insert([job]));
    await Promise.all([
      ...storing,
      ...[0, 1, 2, 3].map((nth) => scene.work(handles[nth % 2 === 0 ? 0 : 1], nth)),
    ]);
    const rows = await settled(setup, scene.ids);
    assert(rows.every(({ state }) => state === "Succeeded" || state === "Deleted"));
  },
});

/** Workers that share a key; each says what it holds, and looks at what all have. */
class Scene {
  readonly ids: readonly string[];
  readonly #server: string;
  #running = 0;

  constructor(ids: readonly string[], server: string) {
    this.ids = ids;
    this.#server = server;
  }

  async work(storage: Storage, nth: number): Promise<void> {
    const random = new Random(nth);
    await eventually("no job is left waiting", async () => {
      await storage.promote(10);
      await releaseAll(storage);
      const request = { incarnation: this.#server, entry: PROCESSING, queues: ["slow", "default"] };
      const held = await storage.claim({ ...request, slots: 3, buffer: 3 });
      this.#running += held.length;
      assert(this.#running <= MAX, `${this.#running} run at a time`);
      for (const job of held) await this.#end(storage, job, random);
      return (await this.#isDone(storage)) ? true : undefined;
    });
  }

  async #isDone(storage: Storage): Promise<boolean> {
    const rows = await storage.get(this.ids);
    const onTheirWay = rows.filter(isOnItsWay).length;
    assert(onTheirWay <= MAX, `${onTheirWay} are on their way`);
    const ended = rows.filter(({ state }) => state === "Succeeded" || state === "Deleted");
    return ended.length === this.ids.length;
  }

  /** Before the write is sent: from then on somebody else may have the permit. */
  async #end(storage: Storage, job: JobRecord, random: Random): Promise<void> {
    this.#running--;
    const ending = random.below(6);
    if (ending === 0) await storage.giveBack([job]);
    else if (ending === 1) {
      await settle(storage, changeOf(job, "Scheduled", { failed: true, due: { at: 1_000 } }));
    } else if (ending === 2) await settle(storage, changeOf(job, "Enqueued", { keepSeq: true }));
    else await settle(storage, changeOf(job, ending === 3 ? "Deleted" : "Succeeded"));
  }
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}
