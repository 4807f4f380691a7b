import { currentJob, defineJobs, type Logger } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

const fail = () => {
  throw new Error("the logger is broken");
};
const logger: Logger = { debug: fail, info: fail, warn: fail, error: fail };

test("a logger that throws keeps no job from its end, and no server from its work", async () => {
  await using bench = Workbench.inMemory();
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listener);
  const jobs = defineJobs(
    {
      async chat() {
        currentJob().log("hello");
        if (currentJob().attempt === 1) throw new Error("once");
      },
    },
    { chat: { retry: { delays: ["0ms"] } } },
  );
  const client = bench.client(jobs);
  bench.broken.fail("append", { times: 2 });
  bench.broken.fail("commit", { times: 2 });
  const server = await bench.serve(jobs, { logger });
  const stranger = await bench.client(defineJobs({ stranger() {} })).enqueue((j) => j.stranger());
  const ids = await client.enqueueMany((j) => Array.from({ length: 20 }, () => j.chat()));
  await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(ids.length);
  await expect.poll(async () => (await bench.storage.get([stranger]))[0]?.hold, SOON).toBe("unknown");
  await server.stop();
  process.off("unhandledRejection", listener);
  expect(unhandled).toEqual([]);
});
