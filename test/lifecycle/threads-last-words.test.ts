import { describe, expect, test } from "vitest";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { STORAGES, type Workbench } from "./workbench.ts";

const SMALL = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
const steps = (attempt: number) => [1, 2, 3].map((n) => ({ text: `step ${n}`, data: { n }, attempt }));

async function logsOf(bench: Workbench, id: string) {
  const logs = (await bench.client(jobs).get(id))?.logs ?? [];
  return logs.map(({ text, data, attempt }) => ({ text, data, attempt }));
}

describe.each(STORAGES)("what a job has said before its thread ended, on %s", (_, open) => {
  test("is in its log when it spun until its time was up, each attempt with its own", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.lastWords.spin("spinning"));
    await bench.reaches(id, "Failed");
    expect(await logsOf(bench, id)).toEqual([...steps(1), ...steps(2)]);
    expect((await client.get(id))?.progress).toMatchObject({ value: 50, text: "half of it", attempt: 2 });
  });

  test("is in its log while it spins", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.lastWords.spinOn("spinning"));
    await news.hears("spinning");
    await expect.poll(() => logsOf(bench, id)).toEqual(steps(1));
    expect(await bench.state(id)).toBe("Processing");
  });

  test("is in its log when it called process.exit, what listeners of that said included", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.lastWords.exit());
    await bench.reaches(id, "Failed");
    const said = [...steps(1), { text: "on exit", data: null, attempt: 1 }];
    expect(await logsOf(bench, id)).toEqual([...said, ...said, ...said]);
    expect((await client.get(id))?.progress).toMatchObject({ value: 50 });
  });

  test("is in its log when it ran out of memory", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1, resourceLimits: SMALL });
    const id = await client.enqueue((j) => j.lastWords.memory());
    await bench.reaches(id, "Failed");
    expect(await logsOf(bench, id)).toEqual([...steps(1), ...steps(1), ...steps(1)]);
  });

  test("is in its log when its server stops and it does not", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.lastWords.spinOn("spinning"));
    await news.hears("spinning");
    await server.stop({ timeout: "0s" });
    expect(await bench.state(id)).toBe("Enqueued");
    expect(await logsOf(bench, id)).toEqual(steps(1));
  });

  test("is cut when it was a flood, and the last progress is kept", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.lastWords.flood(3_000));
    await client.result(id, { timeout: "10s" });
    const job = await client.get(id);
    expect(job?.logs).toHaveLength(1_000);
    expect(job?.logs.some(({ text }) => /^\d+ more lines came/.test(text))).toBe(true);
    expect(job?.progress).toMatchObject({ value: 2_999 });
  });
});
