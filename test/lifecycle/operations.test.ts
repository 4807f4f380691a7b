import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import type { FilterChain } from "../../src/filters/filter-chain.ts";
import type { JobSelection } from "../../src/operations/job-selection.ts";
import type { Operation, OperationKind } from "../../src/operations/operation.ts";
import { MOST_UNFINISHED, OperationRecords } from "../../src/operations/operation-records.ts";
import { Operator } from "../../src/operations/operator.ts";
import { entryTail, type NewJob, type Storage } from "../../src/storage/index.ts";
import { Child } from "./child.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const HOUR_MS = 3_600_000;
const PROGRAM = new URL("./programs/operator.ts", import.meta.url);

/** Stores jobs for an hour later, the quickest state from which they can be requeued and deleted. */
async function scheduled(storage: Storage, count: number, over: Partial<NewJob> = {}): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, nth) => ({
    ...{ id: newId(), queue: "default", rank: 0, name: "mail", args: `[{"nth":${nth}}]`, displayName: null },
    ...{ entry: entryTail("Scheduled"), due: { in: HOUR_MS } },
    ...over,
  }));
  for (let at = 0; at < count; at += 500) await storage.insert(jobs.slice(at, at + 500));
  return jobs.map(({ id }) => id);
}

function work(
  storage: Storage,
  chainOf: (name: string) => FilterChain | undefined = () => undefined,
  name = "test",
) {
  const parts = {
    ...{ storage, chainOf, pollingMs: 10, incarnation: () => name },
    warn: () => {},
    failed: () => () => {},
  };
  const operator = new Operator(parts, { idleMs: 5, leaseMs: 60_000 });
  operator.start();
  return operator;
}

async function begin(
  storage: Storage,
  kind: OperationKind,
  selection: JobSelection,
  pace: number | null = null,
): Promise<string> {
  const records = new OperationRecords(storage);
  return (await records.begin({ kind, selection, by: "eve", pace, matches: null })).id;
}

async function read(storage: Storage, id: string): Promise<Operation | undefined> {
  return (await new OperationRecords(storage).find(id))?.operation;
}

async function ends(storage: Storage, id: string): Promise<Operation | undefined> {
  await expect.poll(async () => (await read(storage, id))?.endedAt ?? null, SOON).not.toBe(null);
  return read(storage, id);
}

/** How often each job was requeued by an operation, as its history tells. */
async function requeues(bench: Workbench, ids: readonly string[]): Promise<number[]> {
  const rows = await bench.rows(ids);
  return rows.map(({ history }) => history.split("Requeued by an operation").length - 1);
}

describe.each(STORAGES)("an operation, on %s", (_, open) => {
  test("changes all jobs that match, in bites, and no other", async () => {
    await using bench = await open();
    const { storage } = bench;
    const meant = await scheduled(storage, 1_100);
    const others = await scheduled(storage, 5, { name: "other" });
    const operator = work(storage);
    const id = await begin(storage, "requeue", { state: "Scheduled", name: "mail" });
    expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 1_100, skipped: 0, by: "eve" });
    await operator.stop();
    expect(new Set(await requeues(bench, meant))).toEqual(new Set([1]));
    expect(new Set((await bench.rows(others)).map(({ state }) => state))).toEqual(new Set(["Scheduled"]));
    expect(await storage.counts()).toMatchObject({ Enqueued: 1_100, Scheduled: 5 });
  });

  test("looks for a value at a path of the arguments, and for nothing that only looks like it", async () => {
    await using bench = await open();
    const [, second] = await scheduled(bench.storage, 25);
    const operator = work(bench.storage);
    const id = await begin(bench.storage, "delete", { state: "Scheduled", args: "1", path: "0.nth" });
    expect(await ends(bench.storage, id)).toMatchObject({ state: "done", applied: 1 });
    await operator.stop();
    expect(await bench.state(second ?? "")).toBe("Deleted");
  });

  test("comes to an end although what it requeues enters the same state again", async () => {
    await using bench = await open();
    const { storage } = bench;
    const ids = await scheduled(storage, 40);
    const operator = work(storage);
    const id = await begin(storage, "requeue", { state: "Scheduled" }, 10);
    await expect.poll(async () => (await read(storage, id))?.applied ?? 0, SOON).toBeGreaterThan(0);
    // Those that it has come to are scheduled anew meanwhile, behind all that it has still to come to.
    for (const row of await bench.rows(ids)) {
      if (row.state === "Enqueued") await bench.client(NO_JOBS).reschedule(row.id, { hours: 2 });
    }
    expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 40 });
    await operator.stop();
    expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
  });

  test("is aborted in the middle", async () => {
    await using bench = await open();
    const { storage } = bench;
    await scheduled(storage, 100);
    const operator = work(storage);
    const id = await begin(storage, "delete", { state: "Scheduled" }, 10);
    await expect.poll(async () => (await read(storage, id))?.applied ?? 0, SOON).toBeGreaterThan(0);
    const records = new OperationRecords(storage);
    await records.change(id, ({ operation }) => ({ ...operation, state: "aborting" }));
    const ended = await ends(storage, id);
    await operator.stop();
    expect(ended).toMatchObject({ state: "aborted", worker: null });
    expect((await storage.counts()).Deleted).toBe(ended?.applied);
    expect(ended?.applied).toBeLessThan(100);
  });

  test("is handed over by an operator that stops, and never worked on by two", async () => {
    await using bench = await open();
    const { storage } = bench;
    const ids = await scheduled(storage, 60);
    const operators = new Map(["first", "second"].map((name) => [name, work(storage, undefined, name)]));
    const id = await begin(storage, "requeue", { state: "Scheduled" }, 20);
    await expect.poll(async () => (await read(storage, id))?.applied ?? 0, SOON).toBeGreaterThan(0);
    const has = (await read(storage, id))?.worker?.incarnation ?? "";
    // The other goes on at once, though the lease is a minute.
    await operators.get(has)?.stop();
    expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 60 });
    for (const operator of operators.values()) await operator.stop();
    expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
  });

  test("leaves a job whose filter throws, and tells of it", async () => {
    await using bench = await open();
    const { storage } = bench;
    await scheduled(storage, 3);
    await scheduled(storage, 1, { name: "guarded" });
    const operator = work(storage, (name) => (name === "guarded" ? THROWING : undefined));
    const id = await begin(storage, "requeue", { state: "Scheduled" });
    const ended = await ends(storage, id);
    await operator.stop();
    expect(ended).toMatchObject({ state: "done", applied: 3, skipped: 1 });
    expect(ended?.error).toContain("not this one");
  });

  test("is refused while too many are under way", async () => {
    await using bench = await open();
    for (let nth = 0; nth < MOST_UNFINISHED; nth++) await begin(bench.storage, "delete", { state: "Failed" });
    await expect(begin(bench.storage, "delete", { state: "Failed" })).rejects.toMatchObject({
      code: "FL_TOO_MANY_OPERATIONS",
    });
  });
});

test("an operation goes on where it was when the process that worked on it is killed", async () => {
  await using bench = await Workbench.onSqlite();
  const { storage } = bench;
  const ids = await scheduled(storage, 300);
  const id = await begin(storage, "requeue", { state: "Scheduled" }, 50);
  await using first = new Child<string>(PROGRAM, [bench.file]);
  // Right behind a commit: what it has done is stored, and where it was may not be.
  await first.hears((message) => message === "committed");
  await first.hears(() => first.messages.length > 1);
  first.kill("SIGKILL");
  await first.exited;
  const before = await read(storage, id);
  expect(before).toMatchObject({ state: "running" });
  await using second = new Child<string>(PROGRAM, [bench.file]);
  const ended = await ends(storage, id);
  expect(second.stderr).toBe("");
  expect(ended).toMatchObject({ state: "done", skipped: 0, worker: null });
  // A bite whose count died with the process is missing from the count, and from nothing else.
  expect(ended?.applied).toBeGreaterThanOrEqual(250);
  expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
});

const NO_JOBS = defineJobs({});

const THROWING: FilterChain = {
  ...{ creating: [], clientExceptions: [], performing: [], serverExceptions: [], applied: [] },
  electing: {
    beforeRetry: [
      {
        onStateElection: () => {
          throw new Error("not this one");
        },
      },
    ],
    afterRetry: [],
  },
};
