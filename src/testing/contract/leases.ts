import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type ServerRecord, TAIL } from "../../storage/index.ts";
import { announcement, changeOf, LONG_MS } from "./builders.ts";
import { assertRejects, assertRow, assertWithin, clockPasses, during, eventually } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

export const leases: Section<"leases"> = section("leases", {
  "an announced server is listed with all that it told, live from now on": async ({ storage }) => {
    const told = announcement({
      name: "critical,default",
      host: "host-9 (böot 1)",
      pid: 4_194_303,
      pidStartedAt: "18446744073709551615",
      queues: ["critical", "default"],
      workerCount: 3,
      timeoutMs: 30_000,
    });
    const [, span] = await during(storage, () => storage.announce(told));
    const [server, ...others] = await storage.servers();
    assert(server !== undefined && others.length === 0);
    assertWithin(server.startedAt, span, "startedAt");
    const { startedAt } = server;
    const lease = {
      startedAt,
      renewedAt: startedAt,
      steadySince: startedAt,
      live: true,
      vitals: null,
      command: null,
    };
    assert.deepEqual({ ...server, queues: [...server.queues] }, { ...told, ...lease });
  },

  "a renewal moves the lease and leaves the server steady": async (setup) => {
    const incarnation = await setup.server();
    const before = await serverRecord(setup, incarnation);
    await clockPasses(setup.storage, before.renewedAt);
    const [renewed, span] = await during(setup.storage, () => setup.storage.heartbeat(incarnation));
    const after = await serverRecord(setup, incarnation);
    assert.equal(renewed, true);
    assertWithin(after.renewedAt, span, "renewedAt");
    assert(after.renewedAt > before.renewedAt);
    assert.deepEqual({ ...after, renewedAt: 0 }, { ...before, renewedAt: 0 });
  },

  "a lease that has run out can be renewed while nobody has judged it, but is steady anew": async (setup) => {
    const { storage } = setup;
    const incarnation = await setup.server({ timeoutMs: 20 });
    const before = await serverRecord(setup, incarnation);
    await clockPasses(storage, before.renewedAt + 20);
    assert.equal((await serverRecord(setup, incarnation)).live, false);
    const [renewed, span] = await during(storage, () => storage.heartbeat(incarnation));
    assert.equal(renewed, true);
    const after = await serverRecord(setup, incarnation);
    assertWithin(after.steadySince, span, "steadySince");
    assert.deepEqual([after.startedAt, after.renewedAt], [before.startedAt, after.steadySince]);
  },

  "a renewed lease keeps its claims": async ({ storage, server, claimed, enter }) => {
    const owner = await server({ timeoutMs: 300 });
    const job = await claimed({}, owner);
    await clockPasses(storage, job.stateAt + 300);
    assert.equal(await storage.heartbeat(owner), true);
    assert.equal((await enter(job, "Succeeded")).state, "Succeeded");
  },

  "whoever was never announced has nothing to renew": async ({ storage }) => {
    assert.equal(await storage.heartbeat("never-announced"), false);
    assert.deepEqual(await storage.servers(), []);
  },

  "a retired server is gone: not listed, nothing to renew, nothing to claim": async (setup) => {
    const { storage, server, insert, claim } = setup;
    const [retired, other] = [await server(), await server()];
    await insert({});
    await storage.retire(retired);
    assert.deepEqual(
      (await storage.servers()).map(({ incarnation }) => incarnation),
      [other],
    );
    assert.equal(await storage.heartbeat(retired), false);
    await assertRejects(claim(retired), "FL_LEASE_LOST");
    await storage.retire(retired);
  },

  "what a retired server still held is recovered by a steady judge": async (setup) => {
    const { storage, claimed, server, row } = setup;
    const job = await claimed();
    await storage.retire(job.owner ?? "");
    const hasty = { incarnation: await server(), dead: [], limit: 10, quarantineAt: 3 };
    assert.deepEqual((await storage.recover(hasty)).recovered, []);
    const judge = await server({ timeoutMs: 100 });
    await eventually("the judge is steady", async () => {
      await storage.heartbeat(judge);
      const { recovered } = await storage.recover({ ...hasty, incarnation: judge });
      return recovered.length > 0 ? recovered : undefined;
    });
    assert.equal((await row(job.id)).state, "Enqueued");
  },

  "a commit of a server that has no lease any more is accepted while nobody has taken the job": async (
    setup,
  ) => {
    const { storage, claimed, enter } = setup;
    const job = await claimed();
    await storage.retire(job.owner ?? "");
    assert.equal((await enter(job, "Succeeded")).fence, job.fence + 1);
  },

  "a steady judge forgets servers whose lease has run out": async ({ storage, server }) => {
    await server({ timeoutMs: 10 });
    const judge = await server({ timeoutMs: 150 });
    const left = await eventually("the judge is steady", async () => {
      await storage.heartbeat(judge);
      await storage.recover({ incarnation: judge, dead: [], limit: 10, quarantineAt: 3 });
      const servers = await storage.servers();
      return servers.length === 1 ? servers : undefined;
    });
    assert.equal(left[0]?.incarnation, judge);
  },

  "a judged server cannot come back between two bites": async (setup) => {
    const { storage, insert, server, claim } = setup;
    await insert({}, {}, {});
    const [lost, judge] = [await server(), await server()];
    await claim(lost);
    const request = { incarnation: judge, dead: [lost], limit: 1, quarantineAt: 3 };
    assert.deepEqual((await storage.recover(request)).recovered.length, 1);
    assert.equal(await storage.heartbeat(lost), false);
    await assertRejects(claim(lost), "FL_LEASE_LOST");
    assert.equal((await storage.held(lost)).length, 2);
    for (let bite = 0; bite < 4 && (await storage.recover(request)).more; bite++);
    assert.deepEqual(await storage.held(lost), []);
  },

  "held tells what a server holds: jobs of a claim whose answer was lost included": async (setup) => {
    const { storage, another, server, insert, claim, claimed } = setup;
    const owner = await server();
    await claimed();
    await insert({}, {}, {});
    const jobs = await claim(owner, { slots: 2, buffer: 1 });
    const expected = jobs.map(({ id, fence }) => ({ id, fence })).sort(byId);
    for (const handle of [storage, await another()]) {
      const held = (await handle.held(owner)).map(({ id, fence }) => ({ id, fence }));
      assert.deepEqual(held.sort(byId), expected);
    }
    assert.deepEqual(await storage.giveBack(await storage.held(owner)), ["applied", "applied", "applied"]);
  },

  "what was settled, given back, parked or recovered is not held": async (setup) => {
    const { storage, server, claimed, enter, lose } = setup;
    const owner = await server();
    await enter(await claimed({}, owner), "Succeeded");
    await storage.giveBack([await claimed({}, owner)]);
    await storage.park([await claimed({}, owner)]);
    assert.deepEqual(await storage.held(owner), []);
    await claimed({}, owner);
    await lose(owner);
    assert.deepEqual([await storage.held(owner), await storage.held("never-announced")], [[], []]);
  },

  "blame makes a crash count, without a change of the job": async (setup) => {
    const { storage, inserted, server, claim, row, lose } = setup;
    const { id } = await inserted();
    const owner = await server();
    const [job] = await claim(owner, { slots: 0, buffer: 1 });
    assert(job !== undefined);
    const before = await row(id);
    assert.deepEqual(await storage.blame([job]), ["applied"]);
    assert.deepEqual(await storage.blame([job]), ["applied"]);
    assertRow(await row(id), before);
    assert.equal((await lose(owner))[0]?.crashes, 1);
  },

  "only the claim of now can be blamed": async ({ storage, claimed, lose }) => {
    const job = await claimed();
    const claims = [
      { ...job, fence: job.fence + 1 },
      { id: newId(), fence: 2 },
      { ...job, fence: 1 },
    ];
    assert.deepEqual(await storage.blame(claims), ["stale", "stale", "stale"]);
    await lose(job.owner ?? "");
    assert.deepEqual(await storage.blame([job]), ["stale"]);
  },

  "blame ends with the claim": async (setup) => {
    const { storage, claimed, server, claim, lose } = setup;
    const job = await claimed();
    await storage.giveBack([job]);
    const owner = await server();
    await claim(owner, { queues: [job.queue], slots: 0, buffer: 1 });
    assert.equal((await lose(owner))[0]?.crashes, 0);
  },

  "the third crash quarantines a job that was blamed before it started alone": async (setup) => {
    let job = await setup.claimed();
    for (let crash = 0; crash < 2; crash++) {
      await setup.lose(job.owner ?? "");
      job = await setup.claimAgain(job);
    }
    await setup.storage.blame([job]);
    const [lost] = await setup.lose(job.owner ?? "");
    assert.deepEqual([lost?.crashes, lost?.quarantined], [3, true]);
    const row = await setup.row(job.id);
    assert.deepEqual([row.state, row.entry, row.crashes], ["Failed", TAIL.quarantined, 3]);
    assert.equal((await setup.enter(row, "Enqueued")).crashes, 3);
  },

  "check tells which claims are over, and where the jobs are now": async ({
    storage,
    claimed,
    enter,
    lose,
  }) => {
    const jobs = [await claimed(), await claimed(), await claimed()] as const;
    await enter(jobs[1], "Scheduled", { due: { in: LONG_MS } });
    await lose(jobs[2].owner ?? "");
    const gone = { id: newId(), fence: 2 };
    const claims = [...jobs.map(({ id, fence }) => ({ id, fence })), gone];
    const over = await storage.check(claims);
    assert.deepEqual(
      over.map((lost) => ({ ...lost })),
      [
        { ...claims[1], state: "Scheduled" },
        { ...claims[2], state: "Enqueued" },
        { ...gone, state: null },
      ],
    );
    assert.deepEqual(await storage.check([]), []);
  },

  "a claim of a job that somebody has deleted is over": async ({ storage, claimed, commit }) => {
    const job = await claimed();
    assert.deepEqual(await storage.check([job]), []);
    await commit(changeOf(job, "Deleted"));
    const [lost] = await storage.check([job]);
    assert.deepEqual({ ...lost }, { id: job.id, fence: job.fence, state: "Deleted" });
  },
});

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

async function serverRecord({ storage }: Setup, incarnation: string): Promise<ServerRecord> {
  const found = (await storage.servers()).find((server) => server.incarnation === incarnation);
  assert(found !== undefined, `the server ${incarnation} is not listed`);
  return { ...found };
}
