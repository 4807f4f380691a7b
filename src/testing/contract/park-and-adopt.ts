import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import {
  type AdoptRequest,
  type ClaimedJob,
  FLAG,
  type JobRecord,
  type NewJob,
  TAIL,
} from "../../storage/index.ts";
import { LONG_MS, PROCESSING } from "./builders.ts";
import { adoptFully } from "./claim-fully.ts";
import { assertRejects, assertRow, assertWithin, clockPasses, during, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

export const parkAndAdopt: Section<"park-and-adopt"> = section("park-and-adopt", {
  "a parked job is Enqueued but held, with one entry for the parking and none for the claim": async (
    setup,
  ) => {
    const before = await setup.inserted({ name: "new.name" });
    const [job] = await setup.claim(await setup.server());
    assert(job !== undefined);
    const [outcomes, span] = await during(setup.storage, () => setup.storage.park([job]));
    assert.deepEqual(outcomes, ["applied"]);
    const row = await setup.row(before.id);
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      ...before,
      stateAt: row.stateAt,
      hold: "unknown",
      fence: before.fence + 2,
      history: before.history + historyOf([row.stateAt, TAIL.parked]),
    });
  },

  "a parked job is not claimed, by whomever": async (setup) => {
    await parked(setup);
    assert.deepEqual(await setup.claim(await setup.server()), []);
    assert.deepEqual(await setup.claim(await setup.server(), { slots: 0, buffer: 9 }), []);
  },

  "an adopted job is Processing under its owner, without a way through the ready set": async (setup) => {
    const before = await parked(setup);
    const incarnation = await setup.server();
    const [[job], span] = await during(setup.storage, () => adopt(setup, { incarnation }));
    assert(job !== undefined);
    assertWithin(job.stateAt, span, "stateAt");
    const now: JobRecord = {
      ...before,
      state: "Processing",
      stateAt: job.stateAt,
      entry: PROCESSING,
      hold: null,
      owner: incarnation,
      fence: before.fence + 1,
    };
    assert.deepEqual({ ...job }, { ...now, blamed: true });
    assertRow(await setup.row(before.id), now);
  },

  "only jobs of the names and queues that were asked for are adopted": async (setup) => {
    const wanted = await parked(setup, { name: "a.b" });
    await parked(setup, { name: "a.c" });
    await parked(setup, { name: "a.b", queue: "slow" });
    await setup.insert({ name: "a.b" });
    const jobs = await adopt(setup, { names: ["a.b", "x.y"], queues: ["default", "other"] });
    assert.deepEqual(idsOf(jobs), [wanted.id]);
  },

  "jobs are adopted by rank, then by seq, across names and queues, up to the slots": async (setup) => {
    const jobs = [
      await parked(setup, { name: "a", rank: 1 }),
      await parked(setup, { name: "b", queue: "slow" }),
      await parked(setup, { name: "a" }),
      await parked(setup, { name: "b", rank: -1 }),
    ];
    const request = { names: ["a", "b"], queues: ["default", "slow"] };
    const first = await adopt(setup, { ...request, slots: 3 });
    assert.deepEqual(idsOf(first), [jobs[3]?.id, jobs[1]?.id, jobs[2]?.id]);
    assert.deepEqual(idsOf(await adopt(setup, { ...request, slots: 3 })), [jobs[0]?.id]);
    assert.deepEqual(await adopt(setup, request), []);
  },

  "a job that crashed twice is adopted without blame": async (setup) => {
    let job = await setup.claimed();
    for (let crash = 0; crash < 2; crash++) {
      await setup.lose(job.owner ?? "");
      job = await setup.claimAgain(job);
    }
    await setup.storage.park([job]);
    assert.equal((await adopt(setup, { queues: [job.queue] }))[0]?.blamed, false);
  },

  "nobody adopts without a live lease": async (setup) => {
    const job = await parked(setup);
    await assertRejects(adopt(setup, { incarnation: "never-announced" }), "FL_LEASE_LOST");
    const incarnation = await setup.server({ timeoutMs: 1 });
    await clockPasses(setup.storage, (await setup.storage.now()) + 1);
    await assertRejects(adopt(setup, { incarnation }), "FL_LEASE_LOST");
    assert.equal((await setup.row(job.id)).hold, "unknown");
  },

  "only the claim of now can be parked": async (setup) => {
    const { storage, claimed, row } = setup;
    const { blamed: _, ...kept } = await claimed();
    const parked = await claimed();
    const claims = [
      { id: kept.id, fence: kept.fence - 1 },
      parked,
      { id: kept.id, fence: kept.fence + 1 },
      { id: newId(), fence: 2 },
    ];
    assert.deepEqual(await storage.park(claims), ["stale", "applied", "stale", "stale"]);
    assert.deepEqual(await storage.park([parked]), ["stale"]);
    assertRow(await row(kept.id), kept);
  },

  "a job that is given back after it was adopted is ready at its place": async (setup) => {
    const job = await parked(setup);
    await setup.insert({});
    await setup.storage.giveBack(await adopt(setup, {}));
    assert.equal((await setup.claim(await setup.server()))[0]?.id, job.id);
  },

  "a recovered job that is parked still waits for a slot": async (setup) => {
    const job = await setup.claimed({ queue: "default" });
    await setup.lose(job.owner ?? "");
    await setup.storage.park(await setup.claim(await setup.server()));
    assert.equal((await setup.row(job.id)).flags & FLAG.recovered, FLAG.recovered);
  },

  "a parked job can be settled by whoever knows its fence": async (setup) => {
    const jobs = [await parked(setup), await parked(setup), await parked(setup)] as const;
    const deleted = await setup.enter(jobs[0], "Deleted");
    const requeued = await setup.enter(jobs[1], "Enqueued");
    const later = await setup.enter(jobs[2], "Scheduled", { due: { in: LONG_MS } });
    assert.deepEqual([deleted.hold, requeued.hold, later.hold], [null, null, "due"]);
    assert.deepEqual(await adopt(setup, {}), []);
    assert.deepEqual(idsOf(await setup.claim(await setup.server())), [requeued.id]);
  },

  "no claims, no outcomes": async ({ storage }) => {
    assert.deepEqual(
      [await storage.park([]), await storage.giveBack([]), await storage.blame([])],
      [[], [], []],
    );
  },

  "adoptions at once never share a job": async (setup) => {
    const other = await setup.another();
    for (let nth = 0; nth < 12; nth++) await parked(setup);
    const incarnation = await setup.server();
    const adoptions = [setup.storage, other, setup.storage, other].map((storage) =>
      storage.adopt({ ...adoption({ incarnation }), slots: 5 }),
    );
    const taken = idsOf((await Promise.all(adoptions)).flat());
    assert.equal(new Set(taken).size, taken.length);
  },
});

const NAME = "unknown.name";

/** A job that a server of an older version has claimed and put aside. */
async function parked(setup: Setup, job: Partial<NewJob> = {}): Promise<JobRecord> {
  const { id, queue } = await setup.inserted({ name: NAME, ...job });
  const [claimed] = await setup.claim(await setup.server(), { queues: [queue], slots: 1 });
  assert(claimed !== undefined && claimed.id === id);
  assert.deepEqual(await setup.storage.park([claimed]), ["applied"]);
  return await setup.row(id);
}

async function adopt(setup: Setup, over: Partial<AdoptRequest>): Promise<ClaimedJob[]> {
  const incarnation = over.incarnation ?? (await setup.server());
  return await adoptFully(setup.storage, adoption({ ...over, incarnation }));
}

function adoption(over: Partial<AdoptRequest> & Pick<AdoptRequest, "incarnation">): AdoptRequest {
  return { entry: PROCESSING, queues: ["default"], names: [NAME, "mail.welcome"], slots: 100, ...over };
}

function idsOf(jobs: readonly JobRecord[]): string[] {
  return jobs.map(({ id }) => id);
}
