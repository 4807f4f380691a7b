import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { OperationRecords } from "../../src/operations/operation-records.ts";
import { Child } from "./child.ts";
import { begin, electing, ends, read, requeues, scheduled, work } from "./operation-bench.ts";
import { describeOperations } from "./operation-suite.ts";
import { STORAGES, Workbench } from "./workbench.ts";

const PROGRAM = new URL("./programs/operator.ts", import.meta.url);

for (const [name, open] of STORAGES) describeOperations(name, open);

test("an operation goes on where it was when the process that worked on it is killed", async () => {
  await using bench = await Workbench.onSqlite();
  const { storage } = bench;
  const ids = await scheduled(storage, 300);
  const id = await begin(storage, "requeue", { state: "Scheduled" }, { pace: 50 });
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

test("filters that are slow and refuse everything keep no two servers from its end", async () => {
  await using bench = Workbench.inMemory();
  const { storage } = bench;
  await scheduled(storage, 60);
  const slowly = electing(async () => {
    await delay(10);
    throw new Error("no");
  });
  // The first bites outlast the lease: each takes the operation from the other.
  const timing = { leaseMs: 200, longMs: 50, chainOf: () => slowly };
  const operators = ["first", "second"].map((name) => work(storage, { name, ...timing }));
  const id = await begin(storage, "requeue", { state: "Scheduled" });
  expect(await ends(storage, id)).toMatchObject({ state: "done", applied: 0 });
  for (const operator of operators) await operator.stop();
});

test("a pace leaves the storage room where nothing matches, too", async () => {
  await using bench = Workbench.inMemory();
  let asked = 0;
  const endless = new Proxy(bench.storage, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (key !== "list") return typeof member === "function" ? member.bind(target) : member;
      return async () => {
        asked++;
        await delay(20);
        return { rows: [], next: "further" };
      };
    },
  });
  const id = await begin(bench.storage, "requeue", { state: "Failed" }, { pace: 100 });
  const operator = work(endless);
  await delay(600);
  await operator.stop();
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThanOrEqual(18);
  expect(await read(bench.storage, id)).toMatchObject({ state: "running", worker: null });
});

test("of those that are over the newest are kept", async () => {
  await using bench = Workbench.inMemory();
  const records = new OperationRecords(bench.storage);
  for (let nth = 0; nth < 540; nth++) {
    const id = await begin(bench.storage, "delete", { state: "Failed" });
    await records.change(id, ({ operation }) => ({ ...operation, state: "aborted", endedAt: 1 }));
  }
  expect(await bench.storage.admin.trimDocuments("operation-ended", 500, 1_000)).toBeLessThanOrEqual(1);
});
