import assert from "node:assert/strict";
import { type ClaimedJob, FLAG, type RecoverRequest, TAIL } from "../../storage/index.ts";
import { changeOf, PROCESSING } from "./builders.ts";
import {
  assertRejects,
  assertRow,
  assertWithin,
  clockPasses,
  during,
  eventually,
  historyOf,
} from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** A lease that runs out within moments. */
const BRIEF = { timeoutMs: 20 };
/** Short enough to wait until a judge is steady, long enough for a slow machine to renew in time. */
const STEADY_MS = 200;

export const recover: Section<"recover"> = section("recover", {
  "a job of a dead process is ready again at its place, with both entries in its history": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed();
    const [lost, span] = await during(setup.storage, () => setup.lose(job.owner ?? ""));
    assert.deepEqual(lost.map(plain), [
      { id: job.id, name: job.name, owner: job.owner, crashes: 1, quarantined: false },
    ]);
    const row = await setup.row(job.id);
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      ...job,
      state: "Enqueued",
      stateAt: row.stateAt,
      entry: "",
      owner: null,
      crashes: 1,
      fence: job.fence + 1,
      flags: FLAG.recovered,
      history: job.history + historyOf([job.stateAt, PROCESSING], [row.stateAt, TAIL.recovered]),
    });
  },

  "it is claimed before jobs that came after it": async ({ claimed, insert, lose, claim, server }) => {
    const job = await claimed({ queue: "default" });
    const [next] = await insert({});
    await lose(job.owner ?? "");
    assert.deepEqual(
      (await claim(await server())).map(({ id }) => id),
      [job.id, next],
    );
  },

  "a buffered job is not to blame for the loss of its server": async ({ insert, server, claim, lose }) => {
    const [first, second] = await insert({}, {});
    const owner = await server();
    await claim(owner, { slots: 1, buffer: 1 });
    const crashes = new Map((await lose(owner)).map((job) => [job.id, job.crashes]));
    assert.deepEqual(
      crashes,
      new Map([
        [first, 1],
        [second, 0],
      ]),
    );
  },

  "a crash is no failure": async ({ claimed, lose, row }) => {
    const job = await claimed();
    await lose(job.owner ?? "");
    assert.equal((await row(job.id)).failures, 0);
  },

  "with the crash that reaches the bound a job is quarantined: Failed, not ready": async (setup) => {
    const once = await setup.claimed();
    await setup.lose(once.owner ?? "", 2);
    const { blamed: _, ...twice } = await setup.claimAgain(once);
    const lost = await setup.lose(twice.owner ?? "", 2);
    assert.deepEqual(lost.map(plain), [
      { id: twice.id, name: twice.name, owner: twice.owner, crashes: 2, quarantined: true },
    ]);
    const row = await setup.row(twice.id);
    assert.equal(row.fence, twice.fence + 1);
    assert.deepEqual(
      [row.state, row.entry, row.hold, row.owner, row.crashes],
      ["Failed", TAIL.quarantined, null, null, 2],
    );
    assert.equal(row.history, twice.history + historyOf([twice.stateAt, PROCESSING]));
    assert.deepEqual(await setup.claim(await setup.server(), { queues: [row.queue] }), []);
  },

  "a job without blame is not quarantined, whatever it crashed before": async (setup) => {
    let job = await setup.claimed();
    for (let crash = 0; crash < 2; crash++) {
      await setup.lose(job.owner ?? "");
      job = await setup.claimAgain(job);
    }
    assert.equal(job.blamed, false);
    const [lost] = await setup.lose(job.owner ?? "", 2);
    assert.deepEqual([lost?.crashes, lost?.quarantined], [2, false]);
    assert.equal((await setup.row(job.id)).state, "Enqueued");
  },

  "the lost owner can neither finish nor give back what was recovered": async (setup) => {
    const { storage, claimed, lose, commit, row } = setup;
    const job = await claimed();
    await lose(job.owner ?? "");
    const recovered = await row(job.id);
    assert.equal(await commit(changeOf(job, "Succeeded")), "stale");
    assert.deepEqual(await storage.giveBack([job]), ["stale"]);
    assertRow(await row(job.id), recovered);
  },

  "a judged server has no lease left: it can neither renew nor claim": async (setup) => {
    const { storage, claimed, lose, claim, insert } = setup;
    const { owner } = await claimed();
    await lose(owner ?? "");
    await insert({});
    assert.equal(await storage.heartbeat(owner ?? ""), false);
    await assertRejects(claim(owner ?? ""), "FL_LEASE_LOST");
  },

  "a dead server without jobs is judged too": async ({ storage, server, lose }) => {
    const idle = await server();
    assert.deepEqual(await lose(idle), []);
    assert.equal(await storage.heartbeat(idle), false);
  },

  "jobs that were settled or given back are not recovered": async (setup) => {
    const { storage, claimed, enter, server, lose } = setup;
    const owner = await server();
    await enter(await claimed({}, owner), "Succeeded");
    await storage.giveBack([await claimed({}, owner)]);
    const held = await claimed({}, owner);
    assert.deepEqual(
      (await lose(owner)).map(({ id }) => id),
      [held.id],
    );
  },

  "a bite takes no more than its limit, and the next ones take the rest": async (setup) => {
    const { storage, insert, server, claim } = setup;
    const ids = await insert({}, {}, {}, {}, {});
    const [lost, judge] = [await server(), await server()];
    await claim(lost);
    const request = { incarnation: judge, dead: [lost], limit: 2, quarantineAt: 3 };
    const found: string[] = [];
    for (let bite = 0, more = true; more; bite++) {
      assert(bite < 5, "there is always more");
      const answer = await storage.recover(request);
      assert(answer.recovered.length <= 2, "more than the limit");
      found.push(...answer.recovered.map(({ id }) => id));
      more = answer.more;
    }
    assert.deepEqual(found.sort(), ids.sort());
    assert.equal(await storage.heartbeat(lost), false);
  },

  "with nothing lost there is nothing to recover": async ({ storage, server, claimed }) => {
    await claimed();
    const request = { incarnation: await server(), dead: [], limit: 10, quarantineAt: 3 };
    assert.deepEqual({ ...(await storage.recover(request)) }, { recovered: [], more: false });
  },

  "a judge that is not steady yet leaves a lease that has run out alone": async (setup) => {
    const job = await claimedByExpired(setup);
    const judge = await setup.server({ timeoutMs: 60_000 });
    assert.deepEqual(await recoverBy(setup, judge), []);
    assert.equal(await setup.storage.heartbeat(judge), true);
    assert.deepEqual(await recoverBy(setup, judge), []);
    assert.equal((await setup.row(job.id)).owner, job.owner);
  },

  "a steady judge takes the jobs of leases that have run out, and of no others": async (setup) => {
    const lost = await claimedByExpired(setup);
    const kept = await setup.claimed();
    assert.deepEqual(await recoverWhenSteady(setup, await setup.server({ timeoutMs: STEADY_MS })), [lost.id]);
    assert.equal(await setup.storage.heartbeat(lost.owner ?? ""), false);
    assert.equal((await setup.row(kept.id)).owner, kept.owner);
    assert.equal(await setup.storage.heartbeat(kept.owner ?? ""), true);
  },

  "a judge whose own lease has run out judges nobody": async (setup) => {
    const job = await claimedByExpired(setup);
    const judge = await setup.server(BRIEF);
    await clockPasses(setup.storage, (await setup.storage.now()) + 2 * BRIEF.timeoutMs);
    assert.deepEqual(await recoverBy(setup, judge), []);
    assert.deepEqual(await recoverBy(setup, "never-announced"), []);
    assert.equal((await setup.row(job.id)).owner, job.owner);
  },

  "a judge that has renewed too late starts to be steady anew": async (setup) => {
    const { storage } = setup;
    const judge = await setup.server({ timeoutMs: STEADY_MS });
    const lost = await claimedByExpired(setup);
    await clockPasses(storage, (await storage.now()) + STEADY_MS);
    const [found, { from, to }] = await during(storage, async () => {
      await storage.heartbeat(judge);
      return await recoverBy(setup, judge);
    });
    // On a machine so slow that the judge is steady again by now, this proves nothing.
    if (to - from < STEADY_MS) assert.deepEqual(found, []);
    if (found.length === 0) assert.deepEqual(await recoverWhenSteady(setup, judge), [lost.id]);
  },

  "a judge never judges itself": async (setup) => {
    const job = await setup.claimed();
    assert.deepEqual(await recoverBy(setup, job.owner ?? "", { dead: [job.owner ?? ""] }), []);
    assert.equal((await setup.row(job.id)).owner, job.owner);
    assert.equal(await setup.storage.heartbeat(job.owner ?? ""), true);
  },

  "two judges at once recover each job once": async ({ storage, another, insert, server, claim, row }) => {
    const other = await another();
    const ids = await insert(...Array.from({ length: 20 }, () => ({})));
    const [lost, judge] = [await server(), await server()];
    await claim(lost);
    const request = { incarnation: judge, dead: [lost], limit: 20, quarantineAt: 3 };
    const answers = await Promise.all([storage, other, storage].map((handle) => handle.recover(request)));
    const found = answers.flatMap(({ recovered }) => recovered.map(({ id }) => id));
    assert.deepEqual(found.sort(), ids.sort());
    for (const id of ids) assert.equal((await row(id)).crashes, 1);
  },
});

function plain<T extends object>(value: T): T {
  return { ...value };
}

/** A job in the hands of a server whose lease has run out, without anybody having judged it. */
async function claimedByExpired(setup: Setup): Promise<ClaimedJob> {
  await setup.insert({ queue: "expired" });
  const job = await eventually("a brief lease lasts for a claim", async () => {
    const owner = await setup.server(BRIEF);
    return (await setup.claim(owner, { queues: ["expired"], slots: 1 }).catch(() => []))[0];
  });
  await clockPasses(setup.storage, (await setup.storage.now()) + BRIEF.timeoutMs);
  return job;
}

/** Renews and recovers until the judge is steady enough to find something. */
async function recoverWhenSteady(setup: Setup, judge: string): Promise<string[]> {
  return await eventually("the judge is steady", async () => {
    await setup.storage.heartbeat(judge);
    const found = await recoverBy(setup, judge);
    return found.length > 0 ? found : undefined;
  });
}

async function recoverBy(setup: Setup, judge: string, over: Partial<RecoverRequest> = {}): Promise<string[]> {
  const request = { incarnation: judge, dead: [], limit: 100, quarantineAt: 3, ...over };
  return (await setup.storage.recover(request)).recovered.map(({ id }) => id);
}
