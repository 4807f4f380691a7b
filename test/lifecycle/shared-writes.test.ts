import { DatabaseSync } from "node:sqlite";
import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: async (_: number | string) => {} });
const numbers = Array.from({ length: 50 }, (_, n) => n);

describe.each(STORAGES)("50 callers at once, on %s", (_, open) => {
  test("share one write, and each has its own id once it is stored", async () => {
    await using bench = await open();
    await bench.storage.ready;
    const client = bench.client(jobs);
    const ids = await Promise.all(numbers.map((n) => client.enqueue((j) => j.tick(n))));
    expect(new Set(ids).size).toBe(50);
    expect(bench.broken.calls.get("insert")).toBe(1);
    const rows = await bench.storage.get(ids);
    expect(rows.map(({ args }) => args)).toEqual(numbers.map((n) => `[${n}]`));
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  test("all get the error of a store that fails, and may try again with their own ids", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const ids = numbers.map(() => crypto.randomUUID());
    const enqueueAll = () => Promise.allSettled(ids.map((id, n) => client.enqueue((j) => j.tick(n), { id })));
    bench.broken.fail("insert", { when: "after" });
    expect(new Set((await enqueueAll()).map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(new Set((await enqueueAll()).map(({ status }) => status))).toEqual(new Set(["fulfilled"]));
    expect((await bench.storage.counts()).Enqueued).toBe(50);
  });
});

test("a row that the engine refuses fails alone among them", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.storage.ready;
  const database = new DatabaseSync(bench.file);
  database.exec(`CREATE TRIGGER refuse BEFORE INSERT ON firelater_job WHEN NEW.args = '["odd"]'
    BEGIN SELECT RAISE(ABORT, 'too odd'); END`);
  database.close();
  const client = bench.client(jobs);
  const values = [...numbers.slice(0, 20), "odd", ...numbers.slice(20)];
  const outcomes = await Promise.allSettled(values.map((value) => client.enqueue((j) => j.tick(value))));
  const rejected = outcomes.flatMap((outcome, at) =>
    outcome.status === "rejected" ? [{ at, ...outcome }] : [],
  );
  expect(rejected).toMatchObject([{ at: 20, reason: { code: "FL_STORAGE_REFUSED" } }]);
  expect((await bench.storage.counts()).Enqueued).toBe(50);
});
