import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const retried = (count: number) =>
  Array(count).fill(["Processing", "Failed", "Scheduled", "Enqueued"]).flat();

describe.each(STORAGES)("a job that always throws, on %s", (_, open) => {
  test("runs retries + 1 times, and its history has every state with its reason", async () => {
    await using bench = await open();
    const attempts: number[] = [];
    const fail = () => {
      attempts.push(attempts.length + 1);
      throw new TypeError("no route to host");
    };
    const jobs = defineJobs({ fail }, { fail: { retry: { retries: 3, delays: ["1ms"] } } });
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.fail());
    await bench.reaches(id, "Failed");

    const job = await client.get(id);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(job?.attempt).toBe(4);
    expect(job?.history.map(({ state }) => state)).toEqual([
      "Enqueued",
      ...retried(3),
      "Processing",
      "Failed",
    ]);
    expect(job?.history.filter(({ state }) => state === "Scheduled").map(({ reason }) => reason)).toEqual([
      "Retry attempt 1 of 3: no route to host",
      "Retry attempt 2 of 3: no route to host",
      "Retry attempt 3 of 3: no route to host",
    ]);
    expect(job?.history.at(-1)).toMatchObject({
      reason: "An exception occurred during performance of the job",
      error: { type: "TypeError", message: "no route to host" },
    });
    const times = job?.history.map(({ at }) => at.getTime()) ?? [];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("runs 11 times by default", async () => {
    await using bench = await open();
    let runs = 0;
    const fail = () => {
      runs++;
      throw new Error("no");
    };
    const jobs = defineJobs({ fail }, { "*": { retry: { delays: ["0ms"] } } });
    await bench.serve(jobs);
    const id = await bench.client(jobs).enqueue((j) => j.fail());
    await bench.reaches(id, "Failed");
    expect(runs).toBe(11);
    const direct = Array(10).fill(["Processing", "Failed", "Enqueued"]).flat();
    expect(await bench.states(id)).toEqual(["Enqueued", ...direct, "Processing", "Failed"]);
  });
});

test("a requeue after the last retry gives exactly one more run", async () => {
  await using bench = Workbench.inMemory();
  let runs = 0;
  const fail = () => {
    runs++;
    throw new Error("no");
  };
  const jobs = defineJobs({ fail }, { fail: { retry: { retries: 1, delays: ["0ms"] } } });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.fail());
  await bench.reaches(id, "Failed");
  expect(await client.requeue(id)).toBe(true);
  await expect.poll(() => runs, SOON).toBe(3);
  await bench.reaches(id, "Failed");
  expect((await bench.states(id)).slice(-3)).toEqual(["Enqueued", "Processing", "Failed"]);
});

test("the default curve puts the first retry 15 to 44 seconds ahead, by the storage's clock", async () => {
  await using bench = await Workbench.onSqlite();
  const fail = () => {
    throw new Error("no");
  };
  const jobs = defineJobs({ fail });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.fail());
  await bench.reaches(id, "Scheduled");
  const job = await client.get(id);
  const ahead = Number(job?.dueAt) - Number(job?.history.at(-1)?.at);
  expect(ahead).toBeGreaterThanOrEqual(15_000);
  expect(ahead).toBeLessThanOrEqual(44_000);
});

test("errors of classes that the policy does not cover fail at once", async () => {
  await using bench = Workbench.inMemory();
  const fail = (kind: string) => {
    throw kind === "type" ? new TypeError("no") : new RangeError("no");
  };
  const jobs = defineJobs({ fail }, { fail: { retry: { delays: ["1h"], exceptOn: [TypeError] } } });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const ids = [await client.enqueue((j) => j.fail("type")), await client.enqueue((j) => j.fail("range"))];
  await bench.reaches(ids[0] ?? "", "Failed");
  await bench.reaches(ids[1] ?? "", "Scheduled");
});

test("onExhausted: delete deletes, with the reason and the error in its history", async () => {
  await using bench = Workbench.inMemory();
  const fail = () => {
    throw new Error("no");
  };
  const jobs = defineJobs({ fail }, { fail: { retry: { retries: 0, onExhausted: "delete" } } });
  const server = await bench.serve(jobs);
  const told: string[] = [];
  server.on("deleted", ({ error }) => told.push(error));
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.fail());
  await bench.reaches(id, "Deleted");
  const job = await client.get(id);
  expect(job?.history.map(({ state }) => state)).toEqual(["Enqueued", "Processing", "Failed", "Deleted"]);
  expect(job?.history.at(-1)).toMatchObject({
    reason: "Retries were disabled for this job",
    error: { message: "no" },
  });
  await expect.poll(() => told, SOON).toEqual(["Error: no"]);
});

test("a server tells of retries and of the end, each after it is stored", async () => {
  await using bench = Workbench.inMemory();
  const fail = (times: number) => {
    if (bench.logger.texts("warn", "tried again").length < times) throw new Error("not yet");
    return "done";
  };
  const jobs = defineJobs({ fail }, { fail: { retry: { delays: ["0ms"] } } });
  const server = await bench.serve(jobs);
  const told: [string, number, string | undefined][] = [];
  server.on(
    "retrying",
    ({ id, attempt }) => void bench.state(id).then((state) => told.push(["retrying", attempt, state])),
  );
  server.on(
    "succeeded",
    ({ id, attempt }) => void bench.state(id).then((state) => told.push(["succeeded", attempt, state])),
  );
  await bench.client(jobs).enqueue((j) => j.fail(2));
  await expect.poll(() => told.length, SOON).toBe(3);
  expect(told.map(([event, attempt]) => [event, attempt])).toEqual([
    ["retrying", 1],
    ["retrying", 2],
    ["succeeded", 3],
  ]);
  expect(told[2]?.[2]).toBe("Succeeded");
});
