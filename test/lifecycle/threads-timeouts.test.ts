import { describe, expect, test } from "vitest";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { STORAGES, Workbench } from "./workbench.ts";

const failedOnce = ["Enqueued", "Processing", "Failed", "Enqueued", "Processing", "Failed"];

describe.each(STORAGES)("a run in a thread whose time is up, on %s", (_, open) => {
  test("is told so by its signal, fails, is retried, and keeps its thread", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.limited.hold("slow"));
    await bench.reaches(id, "Failed");
    expect(news.of("slow", "aborted").map(({ reason }) => reason)).toEqual([
      "JobTimeoutError",
      "JobTimeoutError",
    ]);
    expect(new Set(news.of("slow").map(({ thread }) => thread)).size).toBe(1);
    expect(await bench.states(id)).toEqual(failedOnce);
  });

  test.each(["spin", "deaf"] as const)(
    "and that goes on (%s) is stopped with its thread; its neighbour is not",
    async (kind) => {
      using news = new ThreadNews();
      await using bench = await open();
      const client = bench.client(jobs);
      const server = await bench.serve(MODULE, { threads: 2 });
      const recovered: string[] = [];
      server.on("recovered", ({ id }) => recovered.push(id));
      const neighbour = await client.enqueue((j) => j.plain.hold("neighbour"));
      await news.hears("neighbour");
      const id = await client.enqueue((j) => j.limited[kind]("late"));
      await bench.reaches(id, "Failed");
      const job = await client.get(id);
      expect(job?.history.map(({ state }) => state)).toEqual(failedOnce);
      expect(job?.history.at(-1)).toMatchObject({
        error: { type: "JobTimeoutError", code: "FL_JOB_TIMEOUT" },
      });
      expect(job?.crashes).toBe(0);
      expect(news.of("late")).toHaveLength(2);
      expect(new Set(news.of("late").map(({ thread }) => thread)).size).toBe(2);
      news.release("neighbour");
      expect(await client.result(neighbour, { timeout: "10s" })).toBe("released");
      expect(news.of("neighbour")).toHaveLength(1);
      expect(recovered).toEqual([]);
      const threads = await Promise.all(
        [1, 2].map(async () =>
          client.result(await client.enqueue((j) => j.plain.thread()), { timeout: "10s" }),
        ),
      );
      expect(threads).not.toContain(news.of("late")[0]?.thread);
    },
  );
});

test("nothing begins beside a run that goes on after its time", async () => {
  using news = new ThreadNews();
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  await bench.serve(MODULE, { threads: 1 });
  await client.enqueue((j) => j.limited.deaf("late"));
  await news.hears("late");
  const next = await client.enqueue((j) => j.plain.thread());
  const thread = await client.result(next, { timeout: "10s" });
  expect(news.of("late").map((one) => one.thread)).not.toContain(thread);
});

describe.each(STORAGES)("a job that is deleted while it runs in a thread, on %s", (_, open) => {
  test("is told so by its signal", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.plain.hold("unwanted"));
    const { thread } = await news.hears("unwanted");
    expect(await client.delete(id)).toBe(true);
    expect((await news.hears("unwanted", "aborted")).reason).toBe("JobCancelledError");
    expect(await client.result(await client.enqueue((j) => j.plain.thread()), { timeout: "10s" })).toBe(
      thread,
    );
    expect(await bench.state(id)).toBe("Deleted");
  });

  test("is stopped with its thread when it goes on", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.plain.spin("unwanted"));
    const { thread } = await news.hears("unwanted");
    const next = await client.enqueue((j) => j.plain.thread());
    expect(await client.delete(id)).toBe(true);
    expect(await client.result(next, { timeout: "20s" })).not.toBe(thread);
    expect(await client.get(id)).toMatchObject({ state: "Deleted", crashes: 0 });
    expect(news.of("unwanted")).toHaveLength(1);
  });
});
