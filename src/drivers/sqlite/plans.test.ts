import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, JOB_STATES, type JobState, type NewJob } from "../../storage/index.ts";
import { failures } from "./failures.ts";
import { SqliteStorage } from "./index.ts";
import { list } from "./list.ts";
import { Statements } from "./statements.ts";

const folder = mkdtempSync(join(tmpdir(), "firelater-"));
const file = join(folder, "jobs.db");
const prepared = new Set<string>();

const SERVER = {
  name: "s",
  host: "h",
  pid: 1,
  pidStartedAt: "",
  queues: ["default"],
  workerCount: 1,
  timeoutMs: 60_000,
};

/** Every statement that the driver prepares while each verb is called once: the real texts, none forgotten. */
beforeAll(async () => {
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql: string) {
    prepared.add(sql);
    return prepare.call(this, sql);
  });
  await callEveryVerb(new SqliteStorage(file, { synchronous: "normal" }));
  vi.restoreAllMocks();
});

afterAll(() => rmSync(folder, { recursive: true }));

async function callEveryVerb(storage: SqliteStorage): Promise<void> {
  await storage.announce({ ...SERVER, incarnation: "one" });
  await storage.announce({ ...SERVER, incarnation: "two" });
  const parent = job();
  const child = { ...job(), gate: { parents: [parent.id], condition: "succeeded" as const } };
  await storage.insert([parent, child, job(), { ...job(), due: { in: 0 } }]);
  const claim = { incarnation: "one", entry: entryTail("Processing"), queues: ["default"] };
  const claimed = await storage.claim({ ...claim, slots: 1, buffer: 1 });
  await storage.blame(claimed);
  await storage.append(
    claimed.map(({ id, fence }) => ({ id, fence, attempt: 1, kind: "log", text: "x", data: null })),
  );
  await storage.append(
    claimed.map(({ id, fence }) => ({ id, fence, attempt: 1, kind: "progress", value: 1, text: null })),
  );
  await storage.check(claimed);
  await storage.held("one");
  const settled = { state: "Succeeded" as const, entry: entryTail("Succeeded"), past: "" };
  await storage.commit(claimed.map(({ id, fence }) => ({ id, fence, ...settled })));
  await storage.promote(10);
  await storage.giveBack(await storage.claim({ ...claim, slots: 1, buffer: 0 }));
  await storage.park(await storage.claim({ ...claim, slots: 1, buffer: 0 }));
  await storage.adopt({ ...claim, names: ["noop"], slots: 1 });
  await storage.heartbeat("one");
  await storage.recover({ incarnation: "two", dead: ["one"], limit: 10, quarantineAt: 3 });
  await storage.release(10);
  await storage.parents([child.id]);
  const recurring = { nextAt: 1, definition: "", status: "" };
  await storage.saveRecurring([
    { id: "digest", version: 0, state: recurring, jobs: [{ ...job(), plannedAt: 1 }] },
  ]);
  await storage.saveRecurring([{ id: "digest", version: 1, state: recurring }]);
  await storage.saveRecurring([{ id: "digest", version: 1, state: null }]);
  await storage.saveRecurring([{ id: "digest", version: 0, state: null }]);
  await callLimited(storage, claim);
  await storage.watch([parent.id]);
  await storage.dueRecurring(10);
  await storage.getRecurring(["digest"]);
  await storage.listRecurring({ limit: 10 });
  await storage.appendices(parent.id);
  for (const state of ["Enqueued", "Scheduled", "Awaiting", "Succeeded", "Failed", "Deleted"] as const) {
    const page = await storage.list({ state, limit: 1 });
    if (page.next !== null) await storage.list({ state, limit: 1, after: page.next });
  }
  await callAdmin(storage);
  callLongReads();
  for (const state of ["Succeeded", "Failed", "Deleted"] as const) {
    await storage.expire({ retention: { state, ageMs: 0, count: 0 }, limit: 10 });
  }
  await storage.close();
}

/** What the dashboard asks. */
async function callAdmin({ admin }: SqliteStorage): Promise<void> {
  await admin.pauseQueue("default", "");
  await admin.queues();
  await admin.resumeQueue("default");
  await admin.report("two", "{}");
  await admin.command("two", "quiet");
  const id = newId();
  await admin.children({ parent: id, limit: 10, after: id });
  const save = { kind: "audit", id, version: 0, text: "{}" };
  await admin.saveDocuments([save, { ...save, version: 1 }, { ...save, version: 1, text: null }]);
  await admin.saveDocuments([{ ...save, text: null }]);
  await admin.getDocument("audit", id);
  for (const descending of [false, true]) {
    await admin.listDocuments({ kind: "audit", limit: 10, descending });
    await admin.listDocuments({ kind: "audit", limit: 10, descending, after: id });
  }
  await admin.trimDocuments("audit", 0, 10);
}

/** What a thread is asked, here: each list, from its start and behind a place, whole and cut, plain and searched. */
function callLongReads(): void {
  const db = new DatabaseSync(file);
  const sql = new Statements(db);
  failures(sql, { scan: 100, limit: 10 });
  const where = { name: "noop", queue: "default", tag: "a", args: "a", entry: "a", since: 0, before: 9e15 };
  for (const state of JOB_STATES) {
    const [place = "[]"] = list(sql, { state, limit: 1 }).places;
    for (const after of [{}, { after: place }, { after: PLACES[state] }])
      for (const cut of [{}, { cut: { args: 10, entry: 10 } }])
        for (const more of [{}, { where }, { where, scan: 1 }])
          list(sql, { state, limit: 1, ...after, ...cut, ...more });
  }
  for (const hold of [null, "unknown", "limit"] as const)
    for (const after of [{}, { after: '["default",0,1]' }])
      list(sql, { state: "Enqueued", limit: 1, where: { hold }, scan: 1, ...after });
  db.close();
}

/** A place in each list, whether or not a job is there. */
const PLACES: Readonly<Record<JobState, string>> = {
  Enqueued: '[0,"default",0,1]',
  Scheduled: "[1,1]",
  Awaiting: "[1,1]",
  Processing: "[1,1]",
  Succeeded: "[1,1]",
  Failed: "[1,1]",
  Deleted: "[1,1]",
};

/** The ways of jobs of one key: inserted, promoted, released, requeued, admitted, quarantined, more than one write admits. */
async function callLimited(
  storage: SqliteStorage,
  claim: { readonly incarnation: string; readonly entry: string },
): Promise<void> {
  const limited = (max: number): NewJob => ({
    ...job(),
    queue: "limited",
    limit: { key: "k", max, whenFull: "wait" },
    parameters: "{}",
    tags: ["a"],
  });
  const parent = { ...limited(1), id: newId() };
  const child = { ...limited(1), gate: { parents: [parent.id], condition: "ended" as const } };
  const blocker = limited(1);
  await storage.insert([parent, child, { ...limited(1), due: { in: 0 } }, blocker]);
  await storage.promote(10);
  for (let chunk = 0; chunk < 2; chunk++)
    await storage.insert(Array.from({ length: 60 }, () => limited(200)));
  await storage.announce({ ...SERVER, incarnation: "three" });
  const [held] = await storage.claim({
    ...claim,
    incarnation: "three",
    queues: ["limited"],
    slots: 1,
    buffer: 1,
  });
  const deleted = { state: "Deleted" as const, entry: entryTail("Deleted"), past: "", parameters: "{}" };
  const { rows } = await storage.list({ state: "Enqueued", limit: 10 });
  await storage.commit(rows.map(({ id, fence }) => ({ id, fence, ...deleted })));
  await storage.append([
    { id: held?.id ?? "", fence: held?.fence ?? 0, attempt: 1, kind: "parameters", text: "{}" },
  ]);
  await storage.recover({ incarnation: "two", dead: ["three"], limit: 10, quarantineAt: 1 });
  await storage.release(100);
  await storage.statistics({ from: 0, to: 1 });
}

function job(): NewJob {
  const entry = entryTail("Enqueued");
  return { id: newId(), queue: "default", rank: 0, name: "noop", args: "[]", displayName: null, entry };
}

// Small whatever the number of jobs (servers, counters, work left over, lists given as JSON), or an index that holds
// just what is asked for, read from its beginning up to a LIMIT.
const SMALL =
  /SCAN (firelater_(server|counter|release|pause|schema)|server|json_each|sqlite_schema|CONSTANT ROW|\(subquery|firelater_job USING .*INDEX)/;
// Live claims listed for people: few, and not on the hot path. Of a search the rows of its page, once they are found.
const SORTED = [
  /state = 4 .*ORDER BY state_at/s,
  /FROM firelater_server/,
  /WHERE key IN \(\s*SELECT key FROM \(/,
];

test("no statement scans the jobs, and none on the hot path sorts", () => {
  const db = new DatabaseSync(file);
  const problems: string[] = [];
  for (const sql of prepared) {
    if (!/\b(SELECT|UPDATE|DELETE|INSERT)\b/.test(sql)) continue;
    for (const step of plan(db, sql)) {
      if (step.startsWith("SCAN") && !SMALL.test(step)) problems.push(`${step}: ${sql}`);
      if (step.includes("TEMP B-TREE") && !SORTED.some((fine) => fine.test(sql)))
        problems.push(`${step}: ${sql}`);
    }
  }
  db.close();
  expect(prepared.size).toBeGreaterThan(40);
  expect(problems).toEqual([]);
});

test("no statement is compiled again at every run", () => {
  expect([...prepared].filter((sql) => /LIMIT \?(?! \+ 0)/.test(sql))).toEqual([]);
  expect([...prepared].filter((sql) => sql.includes("LIMIT ? + 0")).length).toBeGreaterThan(5);
});

test("who is on its way, and who waits, is read from the index of permits, in order, and no more than decides", () => {
  const db = new DatabaseSync(file);
  const ofKey = [...prepared].filter((sql) => /WHERE permit = \?/.test(sql));
  expect(ofKey).toHaveLength(2);
  for (const sql of ofKey) {
    expect(sql).toMatch(/LIMIT (2|1 OFFSET \? - 1)$/);
    expect(plan(db, sql).join("; ")).toMatch(
      /SEARCH firelater_job USING (COVERING )?INDEX firelater_job_permit \(permit=\?\)/,
    );
  }
  db.close();
});

function plan(db: DatabaseSync, sql: string): string[] {
  const statement: StatementSync = db.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  statement.setAllowUnknownNamedParameters(true);
  return statement.all().map((row) => String(row.detail));
}
