import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { entryTail, FLAG, type JobRecord, type Storage } from "../../storage/index.ts";
import { announcement, behind, LONG_MS, PROCESSING } from "./builders.ts";
import { assertRejects, assertRow, assertWithin, clockPasses, during } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

export const claim: Section<"claim"> = section("claim", {
  "a claimed job is Processing under its owner, its history untouched": async (setup) => {
    const before = await setup.inserted({ displayName: "Welcome" });
    const owner = await setup.server();
    const [[job], span] = await during(setup.storage, () => setup.claim(owner));
    assert(job !== undefined);
    assertWithin(job.stateAt, span, "stateAt");
    const now: JobRecord = {
      ...before,
      state: "Processing",
      stateAt: job.stateAt,
      entry: PROCESSING,
      owner,
      fence: before.fence + 1,
    };
    assert.deepEqual({ ...job }, { ...now, blamed: true });
    assertRow(await setup.row(before.id), now);
  },

  "jobs come queue by queue as asked": async ({ storage, insert, server, claim }) => {
    const [slow] = await insert({ queue: "slow" });
    const [normal] = await insert({ queue: "default", rank: -9 });
    const [critical] = await insert({ queue: "critical", rank: 9 });
    await insert({ queue: "unasked" });
    const jobs = await claim(await server(), { queues: ["critical", "default", "slow"] });
    assert.deepEqual(idsOf(jobs), [critical, normal, slow]);
    assert.equal((await storage.get(idsOf(jobs))).length, 3);
  },

  "within a queue jobs come by rank, then by seq": async ({ insert, server, claim }) => {
    const ids = await insert({ rank: 5 }, { rank: 0 }, { rank: -5 }, { rank: 0 }, { rank: -5 }, { rank: 5 });
    assert.deepEqual(
      idsOf(await claim(await server())),
      [2, 4, 1, 3, 0, 5].map((nth) => ids[nth]),
    );
  },

  "the order of ids means nothing": async ({ insert, server, claim }) => {
    const ids = Array.from({ length: 5 }, () => newId()).reverse();
    await insert(...ids.map((id) => ({ id })));
    assert.deepEqual(idsOf(await claim(await server())), ids);
  },

  "no more jobs than slots and buffer together": async ({ insert, server, claim }) => {
    const ids = await insert({}, {}, {}, {}, {});
    const owner = await server();
    assert.deepEqual(idsOf(await claim(owner, { slots: 1, buffer: 2 })), ids.slice(0, 3));
    assert.deepEqual(idsOf(await claim(owner, { slots: 0, buffer: 0 })), []);
    assert.deepEqual(idsOf(await claim(owner, { slots: 0, buffer: 1 })), ids.slice(3, 4));
    assert.deepEqual(idsOf(await claim(owner, { slots: 9, buffer: 9 })), ids.slice(4));
    assert.deepEqual(idsOf(await claim(owner)), []);
  },

  "the first jobs are for slots, across queues; those after them for the buffer": async (setup) => {
    await setup.insert({ queue: "a" }, { queue: "b" }, { queue: "b" }, { queue: "c" });
    const jobs = await setup.claim(await setup.server(), { queues: ["a", "b", "c"], slots: 2, buffer: 2 });
    assert.deepEqual(
      jobs.map(({ queue, blamed }) => [queue, blamed]),
      [
        ["a", true],
        ["b", true],
        ["b", false],
        ["c", false],
      ],
    );
  },

  "a job that waits for its time or its parents is not ready": async ({ insert, server, claim }) => {
    const [parent] = await insert({ queue: "elsewhere" });
    await insert({ due: { in: LONG_MS } }, behind(parent ?? ""));
    assert.deepEqual(await claim(await server()), []);
  },

  "the buffer passes over a recovered job, which stays ready for a slot": async (setup) => {
    const recovered = await recoveredJob(setup);
    const [next] = await setup.insert({});
    const owner = await setup.server();
    assert.deepEqual(idsOf(await setup.claim(owner, { slots: 0, buffer: 10 })), [next]);
    assert.equal((await setup.row(recovered.id)).state, "Enqueued");
    const [job] = await setup.claim(owner, { slots: 1 });
    assert.equal(job?.id, recovered.id);
    assert.equal(job.flags & FLAG.recovered, FLAG.recovered);
  },

  "a recovered job does not take a place in the buffer from those behind it": async (setup) => {
    const recovered = await recoveredJob(setup);
    const [first] = await setup.insert({ rank: -1 });
    const rest = await setup.insert({}, {});
    const jobs = await setup.claim(await setup.server(), { slots: 1, buffer: 2 });
    assert.deepEqual(idsOf(jobs), [first, ...rest]);
    assert.equal((await setup.row(recovered.id)).owner, null);
  },

  "a job that crashed twice is claimed without blame": async (setup) => {
    let job = await setup.claimed();
    for (const crashes of [1, 2]) {
      assert.equal(job.blamed, true);
      assert.equal((await setup.lose(job.owner ?? ""))[0]?.crashes, crashes);
      job = await setup.claimAgain(job);
    }
    assert.deepEqual([job.crashes, job.blamed], [2, false]);
  },

  "nobody claims without an announced lease": async ({ insert, claim, row }) => {
    const [id] = await insert({});
    await assertRejects(claim("never-announced"), "FL_LEASE_LOST");
    assert.equal((await row(id ?? "")).state, "Enqueued");
  },

  "nobody claims under a lease that has run out, until it is renewed": async (setup) => {
    const { storage, insert, server, claim, row } = setup;
    const [id] = await insert({});
    const owner = await server({ timeoutMs: 1 });
    await clockPasses(storage, (await storage.now()) + 1);
    await assertRejects(claim(owner), "FL_LEASE_LOST");
    assert.equal((await row(id ?? "")).state, "Enqueued");
    const renewing = await server({ timeoutMs: 2_000 });
    assert.equal(await storage.heartbeat(renewing), true);
    assert.deepEqual(idsOf(await claim(renewing)), [id]);
  },

  "claims of several handles at once never share a job": async ({ storage, another, insert }) => {
    const ids = await insert(...Array.from({ length: 60 }, () => ({})));
    const handles = [storage, await another()];
    const claims = await Promise.all(
      Array.from({ length: 12 }, async (_, nth) => await claimFive(handles[nth % 2] ?? storage)),
    );
    const taken = claims.flat();
    assert.equal(new Set(taken).size, taken.length);
    assert(taken.every((id) => ids.includes(id)));
  },

  "a job given back keeps its place, with nothing written and nothing spent": async (setup) => {
    const { storage, inserted, insert, server, claim, row } = setup;
    const before = await inserted();
    await insert({});
    const owner = await server();
    const [job] = await claim(owner, { slots: 1 });
    assert(job !== undefined);
    const [outcomes, span] = await during(storage, () => storage.giveBack([job]));
    assert.deepEqual(outcomes, ["applied"]);
    const after = await row(before.id);
    assertWithin(after.stateAt, span, "stateAt");
    assertRow(after, { ...before, stateAt: after.stateAt, fence: before.fence + 2 });
    assert.equal((await claim(owner))[0]?.id, before.id);
  },

  "a recovered job that is given back still waits for a slot": async (setup) => {
    const { id } = await recoveredJob(setup);
    const owner = await setup.server();
    await setup.storage.giveBack(await setup.claim(owner, { slots: 1 }));
    assert.deepEqual(await setup.claim(owner, { slots: 0, buffer: 5 }), []);
    assert.equal((await setup.row(id)).flags & FLAG.recovered, FLAG.recovered);
  },

  "only the claim of now can be given back": async ({ storage, claimed, row }) => {
    const [kept, returned] = [await claimed(), await claimed()];
    const older = { id: kept.id, fence: kept.fence - 1 };
    const newer = { id: kept.id, fence: kept.fence + 1 };
    const gone = { id: newId(), fence: 2 };
    assert.deepEqual(await storage.giveBack([older, returned, newer, gone]), [
      "stale",
      "applied",
      "stale",
      "stale",
    ]);
    assert.deepEqual(await storage.giveBack([returned]), ["stale"]);
    assert.deepEqual(await storage.giveBack([await row(returned.id)]), ["stale"]);
    const { blamed: _, ...unchanged } = kept;
    assertRow(await row(kept.id), unchanged);
  },
});

/** Ready once more after its server was lost. */
async function recoveredJob(setup: Setup): Promise<JobRecord> {
  const job = await setup.claimed({ queue: "default" });
  await setup.lose(job.owner ?? "");
  return await setup.row(job.id);
}

async function claimFive(storage: Storage): Promise<string[]> {
  const server = announcement();
  await storage.announce(server);
  const request = { incarnation: server.incarnation, entry: entryTail("Processing"), queues: ["default"] };
  return idsOf(await storage.claim({ ...request, slots: 3, buffer: 2 }));
}

function idsOf(jobs: readonly JobRecord[]): string[] {
  return jobs.map(({ id }) => id);
}
