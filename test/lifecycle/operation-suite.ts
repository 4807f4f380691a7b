import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { MOST_UNFINISHED, OperationRecords } from "../../src/operations/operation-records.ts";
import { begin, dyingStorage, electing, ends, read, requeues, scheduled, work } from "./operation-bench.ts";
import { SOON, type Workbench } from "./workbench.ts";

/** How operations go on a storage. */
export function describeOperations(name: string, open: () => Workbench | Promise<Workbench>): void {
  describe(`an operation, on ${name}`, () => {
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
      const ids = await scheduled(storage, 24);
      const operator = work(storage);
      const id = await begin(storage, "requeue", { state: "Scheduled" }, { pace: 12 });
      await expect.poll(async () => (await read(storage, id))?.applied ?? 0, SOON).toBeGreaterThan(0);
      // Those that it has come to are scheduled anew meanwhile, behind all that it has still to come to.
      for (const row of await bench.rows(ids)) {
        if (row.state === "Enqueued") await bench.client(NO_JOBS).reschedule(row.id, { hours: 2 });
      }
      expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 24 });
      await operator.stop();
      expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
    });

    test("is aborted in the middle", async () => {
      await using bench = await open();
      const { storage } = bench;
      await scheduled(storage, 100);
      const operator = work(storage);
      const id = await begin(storage, "delete", { state: "Scheduled" }, { pace: 10 });
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
      const ids = await scheduled(storage, 40);
      const operators = new Map(["first", "second"].map((name) => [name, work(storage, { name })]));
      const id = await begin(storage, "requeue", { state: "Scheduled" }, { pace: 20 });
      await expect.poll(async () => (await read(storage, id))?.applied ?? 0, SOON).toBeGreaterThan(0);
      const has = (await read(storage, id))?.worker?.incarnation ?? "";
      // The other goes on at once, though the lease is a minute.
      await operators.get(has)?.stop();
      expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 40 });
      for (const operator of operators.values()) await operator.stop();
      expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
    });

    test("leaves a job whose filter throws, and tells of it", async () => {
      await using bench = await open();
      const { storage } = bench;
      await scheduled(storage, 3);
      await scheduled(storage, 1, { name: "guarded" });
      const operator = work(storage, { chainOf: (name) => (name === "guarded" ? THROWING : undefined) });
      const id = await begin(storage, "requeue", { state: "Scheduled" });
      const ended = await ends(storage, id);
      await operator.stop();
      expect(ended).toMatchObject({ state: "done", applied: 3, skipped: 1 });
      expect(ended?.error).toContain("not this one");
    });

    test("is refused while too many are under way", async () => {
      await using bench = await open();
      const another = () => begin(bench.storage, "delete", { state: "Failed" });
      for (let nth = 0; nth < MOST_UNFINISHED; nth++) await another();
      await expect(another()).rejects.toMatchObject({ code: "FL_TOO_MANY_OPERATIONS" });
    });

    test("goes on from there when the server that worked on it dies right behind a commit", async () => {
      await using bench = await open();
      const { storage } = bench;
      const ids = await scheduled(storage, 130);
      const dying = dyingStorage(storage);
      work(dying.storage, { name: "dying", leaseMs: 300 });
      const id = await begin(storage, "requeue", { state: "Scheduled" });
      await dying.died;
      expect(await read(storage, id)).toMatchObject({ state: "running", worker: { incarnation: "dying" } });
      const operator = work(storage, { leaseMs: 300 });
      const ended = await ends(storage, id);
      await operator.stop();
      // What the one that died has counted last died with it.
      expect(ended).toMatchObject({ state: "done", skipped: 0, applied: 80 });
      expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
    });

    test("goes on after an outage of the storage, and asks it no faster than loops do", async () => {
      await using bench = await open();
      const { storage, broken } = bench;
      const ids = await scheduled(storage, 30);
      let failures = 0;
      const operator = work(storage, { failed: () => failures++ });
      broken.fail("commit", { when: "after" });
      broken.fail("list", { times: 2 });
      const id = await begin(storage, "requeue", { state: "Scheduled" });
      expect(await ends(storage, id)).toMatchObject({ state: "done", error: null });
      await operator.stop();
      expect([failures, broken.isSpent]).toEqual([3, true]);
      expect(await requeues(bench, ids)).toEqual(ids.map(() => 1));
    });

    test("moves what is ready, and what waits for its time, to another queue, and nothing twice", async () => {
      await using bench = await open();
      const { storage } = bench;
      const ready = await scheduled(storage, 5, { due: { in: 0 } });
      await storage.promote(100);
      const waiting = await scheduled(storage, 5);
      const [before] = await bench.rows(waiting);
      const there = await scheduled(storage, 2, { queue: "slow" });
      const operator = work(storage);
      const over = { queue: "slow" };
      for (const state of ["Enqueued", "Scheduled"] as const) {
        const id = await begin(storage, "move", { state }, over);
        expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 5, skipped: 0, error: null });
      }
      await operator.stop();
      const rows = await bench.rows([...ready, ...waiting, ...there]);
      expect(new Set(rows.map(({ queue }) => queue))).toEqual(new Set(["slow"]));
      expect(rows.map(({ state }) => state)).toEqual([
        ...ready.map(() => "Enqueued"),
        ...[...waiting, ...there].map(() => "Scheduled"),
      ]);
      const [after] = await bench.rows(waiting);
      expect([after?.dueAt, after?.plannedAt]).toEqual([before?.dueAt, before?.plannedAt]);
      expect(rows[0]?.history).toContain("Moved by an operation, from the queue default");
      expect(await storage.admin.queues()).toMatchObject([{ queue: "slow", ready: 5 }]);
    });

    test("reschedules, and requeues into another queue", async () => {
      await using bench = await open();
      const { storage } = bench;
      const later = await scheduled(storage, 3, { name: "later" });
      const now = await scheduled(storage, 3, { name: "now" });
      const operator = work(storage);
      const due = { in: 2 * 3_600_000 };
      const first = await begin(storage, "reschedule", { state: "Scheduled", name: "later" }, { due });
      const second = await begin(storage, "requeue", { state: "Scheduled", name: "now" }, { queue: "slow" });
      for (const id of [first, second])
        expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 3 });
      await operator.stop();
      for (const row of await bench.rows(later)) {
        expect(row).toMatchObject({ state: "Scheduled", queue: "default" });
        expect((row.dueAt ?? 0) - row.stateAt).toBe(due.in);
      }
      for (const row of await bench.rows(now))
        expect(row).toMatchObject({ state: "Enqueued", queue: "slow" });
    });
  });
}

const NO_JOBS = defineJobs({});

const THROWING = electing(() => {
  throw new Error("not this one");
});
