import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, type JobRecord, type NewJob, pastOf, STATISTICS_MS } from "../../storage/index.ts";
import { SqliteStorage } from "./index.ts";

/** What follows from the end of a job is in the write that ends it: a write that fails there has not happened at all. */

const HOUR_MS = 3_600_000;
let folder: string;
let file: string;
let storage: SqliteStorage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "firelater-"));
  file = join(folder, "jobs.db");
  storage = new SqliteStorage(file, { synchronous: "normal" });
  await storage.ready;
});

afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true });
});

function job(over: Partial<NewJob> = {}): NewJob {
  const entry = entryTail(over.gate === undefined ? "Enqueued" : "Awaiting");
  return {
    id: newId(),
    queue: "default",
    rank: 0,
    name: "noop",
    args: "[]",
    displayName: null,
    entry,
    ...over,
  };
}

function exec(sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

async function row(id: string): Promise<JobRecord> {
  const [found] = await storage.get([id]);
  if (found === undefined) throw new Error(`the job ${id} is gone`);
  return found;
}

async function succeed(id: string): Promise<unknown> {
  const found = await row(id);
  const { fence } = found;
  return await storage.commit([
    { id, fence, state: "Succeeded", entry: entryTail("Succeeded"), past: pastOf(found) },
  ]);
}

const limit = { key: "k", max: 1, whenFull: "wait" } as const;

test.each([
  ["the edges of its children", "UPDATE ON firelater_edge"],
  ["the gate of its child", "UPDATE ON firelater_gate"],
  ["its child", "UPDATE ON firelater_job WHEN OLD.hold = 2"],
  ["who waits for its permit", "UPDATE ON firelater_job WHEN OLD.hold = 4"],
  ["the statistics", "UPDATE OF entered ON firelater_counter"],
  ["the counters", "UPDATE ON firelater_counter WHEN OLD.name = '5'"],
])("a job whose end cannot reach %s has not ended", async (_, write) => {
  const parent = job({ limit });
  const [child, waiter] = [job({ gate: { parents: [parent.id], condition: "succeeded" } }), job({ limit })];
  await storage.insert([parent, child, waiter]);
  const before = await storage.get([parent.id, child.id, waiter.id]);
  exec(`CREATE TRIGGER refuse BEFORE ${write} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`);
  await expect(succeed(parent.id)).rejects.toMatchObject({ code: /FL_STORAGE_/ });
  expect(await storage.get([parent.id, child.id, waiter.id])).toEqual(before);
  expect(await storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER })).toEqual([]);
  exec("DROP TRIGGER refuse");
  expect(await succeed(parent.id)).toEqual(["applied"]);
  const after = [parent, child, waiter].map(({ id }) => row(id));
  expect((await Promise.all(after)).map(({ state, hold }) => [state, hold])).toEqual([
    ["Succeeded", null],
    ["Enqueued", null],
    ["Enqueued", null],
  ]);
});

test("a new hour takes those with it that are too old, and no others", async () => {
  const now = await storage.now();
  const hour = now - (now % HOUR_MS);
  const kept = hour - STATISTICS_MS;
  exec(`INSERT INTO firelater_statistic (at, name, count)
    VALUES (${kept - HOUR_MS}, '5', 1), (${kept + 2 * HOUR_MS}, '5', 2)`);
  const { id } = job();
  await storage.insert([job({ id })]);
  await succeed(id);
  const hours = await storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER });
  expect(hours.map(({ succeeded }) => succeeded)).toEqual([2, 1]);
});

test("an hour that is over is kept beside the one that counts, once, also when the clock is turned back", async () => {
  const now = await storage.now();
  const hour = now - (now % HOUR_MS);
  for (const other of [hour - HOUR_MS, hour - HOUR_MS, hour + 2 * HOUR_MS]) {
    const { id } = job();
    await storage.insert([job({ id })]);
    await succeed(id);
    exec(`UPDATE firelater_counter SET hour = ${other} WHERE name = '5'`);
  }
  const { id } = job();
  await storage.insert([job({ id })]);
  await succeed(id);
  const hours = await storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER });
  expect(hours.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(4);
  expect(new Set(hours.map(({ at }) => at)).size).toBe(hours.length);
});

test("writes that share a transaction are counted together", async () => {
  const jobs = Array.from({ length: 20 }, () => job());
  await storage.insert(jobs);
  await Promise.all(jobs.map(({ id }) => succeed(id)));
  const hours = await storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER });
  expect(hours.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(20);
});
