import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { ClaimRequest } from "../../src/storage/index.ts";
import { limited, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { eventually } from "../../src/testing/contract/expect.ts";
import type { Setup } from "../../src/testing/contract/setup.ts";
import { isReachable, onPostgres } from "../postgres-schema.ts";
import { connect, type Opened, within } from "./postgres-opened.ts";

describe.skipIf(!(await isReachable()))("what the dashboard asks of PostgreSQL", () => {
  test("a pause waits for a claim that is under way", () => within(pauseDuringClaim));
  test("claims wait neither for who reads the pauses nor for a dump", () => within(pausesRead));
  test("a paused queue does not move the marks of claims", () => within(pausedMarks));
  test("who cannot listen sees that something has moved when a queue is resumed", () =>
    within(resumedUnheard));
  test("a search goes from ready jobs on to those that stand aside", () => within(searchedAside));
  test("tags are found whole, whatever is in them", () => within(awkwardTags));
  test("tables of the first version get what is new", () => within(migrated));
});

/** The claim has seen the queue before the pause and is slow: whoever has paused must not see it take anything later. */
async function pauseDuringClaim({ storage, schema, another }: Opened, setup: Setup): Promise<void> {
  const [id = ""] = await setup.insert({ queue: "mail" });
  const server = await setup.server();
  const other = await another();
  await other.ready;
  await onPostgres(`
    CREATE FUNCTION ${schema}.slow() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('${schema}')); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE UPDATE ON ${schema}.job FOR EACH ROW EXECUTE FUNCTION ${schema}.slow()`);
  await using neighbour = await connect();
  await neighbour.client.query("BEGIN");
  await neighbour.client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [schema]);
  const claiming = setup.claim(server, { queues: ["mail"] });
  await neighbour.untilSomebodyWaits();
  const pausing = other.admin.pauseQueue("mail", "");
  await eventually("the pause waits", async () => {
    const text = "SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass";
    const waiting = await neighbour.client.query(text, [`${schema}.pause`]);
    return waiting.rowCount === 0 ? undefined : true;
  });
  await neighbour.client.query("ROLLBACK");
  await pausing;
  assert.equal((await setup.row(id)).state, "Processing");
  assert.equal((await claiming).length, 1);
  await setup.insert({ queue: "mail" });
  assert.deepEqual(await storage.claim(claimOf(server, ["mail"])), []);
}

async function pausesRead({ storage, schema }: Opened, setup: Setup): Promise<void> {
  await setup.insert({ queue: "mail" }, { queue: "slow" });
  const server = await setup.server();
  await using reader = await connect();
  await reader.client.query("BEGIN");
  await reader.client.query(`LOCK TABLE ${schema}.pause IN ACCESS SHARE MODE`);
  await storage.admin.pauseQueue("mail", "");
  const claimed = await storage.claim(claimOf(server, ["mail", "slow"]));
  assert.deepEqual(
    claimed.map(({ queue }) => queue),
    ["slow"],
  );
  await reader.client.query("ROLLBACK");
}

async function pausedMarks({ storage }: Opened, { insert, server, claim }: Setup): Promise<void> {
  const owner = await server();
  await insert(...newJobs(20, { queue: "mail" }), ...newJobs(20, { queue: "slow" }));
  await claim(owner, { queues: ["mail"], slots: 5 });
  await storage.admin.pauseQueue("mail", "");
  const [next] = await insert({ queue: "mail", rank: -1 });
  const slow = await claim(owner, { queues: ["mail", "slow"], slots: 5 });
  assert.deepEqual(new Set(slow.map(({ queue }) => queue)), new Set(["slow"]));
  await storage.admin.resumeQueue("mail");
  const jobs = await claim(owner, { queues: ["mail", "slow"], slots: 16 });
  assert.deepEqual([jobs.length, jobs[0]?.id, new Set(jobs.map(({ queue }) => queue)).size], [16, next, 1]);
}

/** They look whether this sequence has moved. */
async function resumedUnheard({ storage, schema }: Opened): Promise<void> {
  await storage.admin.pauseQueue("mail", "");
  const drawn = async () => {
    const { rows } = await onPostgres(
      `SELECT last_value + is_called::integer AS drawn FROM ${schema}.job_seq`,
    );
    return Number(rows[0]?.drawn);
  };
  const before = await drawn();
  await storage.admin.resumeQueue("mail");
  assert((await drawn()) > before);
}

/** Two lists make the one of Enqueued: every page but the last is full, or has looked at as many as it may. */
async function searchedAside({ storage }: Opened, { claimed, insert }: Setup): Promise<void> {
  const parked = await claimed({ queue: "default", name: "a" });
  await storage.park([parked]);
  const ready = await insert(...newJobs(6, { name: "a" }), { ...limited("k"), name: "a" });
  const aside = await insert(...newJobs(4, { ...limited("k"), name: "a" }), { ...limited("k"), name: "b" });
  const wanted = [...ready, parked.id, ...aside.slice(0, 4)];
  for (const limit of [1, 2, 3, 7, 8, 12])
    for (const scan of [1, 3, 7, 8, 100]) {
      const seen: string[] = [];
      let after: string | undefined;
      for (let page = 0; page < 30; page++) {
        const query = { state: "Enqueued", limit, scan, where: { name: "a" } } as const;
        const { rows, next } = await storage.list(after === undefined ? query : { ...query, after });
        assert(rows.length <= Math.min(limit, scan));
        seen.push(...rows.map(({ id }) => id));
        if (next === null) break;
        after = next;
      }
      assert.deepEqual(seen, wanted, `pages of ${limit}, looking at ${scan}`);
    }
}

async function awkwardTags({ storage }: Opened, { insert }: Setup): Promise<void> {
  const tags = ["a", "b", ",", '","', 'a"', "\\", '",\\', "nul \u0000", "é😀", "[", ""];
  const ids = await insert(...tags.map((tag) => ({ tags: ["x", tag, "y"] })), { tags: [] }, {});
  for (const [nth, tag] of tags.entries()) {
    const { rows } = await storage.list({ state: "Enqueued", limit: 20, where: { tag } });
    assert.deepEqual(
      rows.map(({ id }) => id),
      [ids[nth]],
      tag,
    );
  }
}

async function migrated({ storage, schema, another }: Opened, { server }: Setup): Promise<void> {
  const incarnation = await server();
  await onPostgres(`
    DROP TABLE ${schema}.pause, ${schema}.document;
    ALTER TABLE ${schema}.server DROP COLUMN vitals, DROP COLUMN command;
    UPDATE ${schema}.meta SET version = 1`);
  const later = await another();
  await later.ready;
  await later.admin.pauseQueue("mail", "");
  assert.equal(await later.admin.command(incarnation, "quiet"), true);
  assert.equal((await storage.admin.queues()).length, 1);
}

function claimOf(incarnation: string, queues: readonly string[]): ClaimRequest {
  return { incarnation, entry: PROCESSING, queues, slots: 10, buffer: 0 };
}
