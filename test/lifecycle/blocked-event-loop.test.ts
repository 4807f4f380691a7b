import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { Child } from "./child.ts";
import type { JudgeMessage } from "./programs/judge.ts";
import { SOON, Workbench } from "./workbench.ts";

/** Nothing else runs in this process meanwhile: no timer, no heartbeat of the event loop. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("a job that blocks the event loop for longer than serverTimeout keeps its claim", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.storage.ready;
  await using judge = new Child<JudgeMessage>(new URL("./programs/judge.ts", import.meta.url), [bench.file]);
  await judge.hears((message) => message === "at work");
  const isSteady = async () => {
    const [server] = (await bench.storage.servers()).filter(({ name }) => name === "judge");
    return server !== undefined && server.renewedAt - server.steadySince >= 2_000;
  };
  await expect.poll(isSteady, SOON).toBe(true);

  let runs = 0;
  const jobs = defineJobs({
    async spin() {
      runs++;
      block(4_500);
      return "spun";
    },
  });
  await bench.serve(jobs, { name: "spinning" });
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.spin());
  expect(await client.result(id, { timeout: "20s" })).toBe("spun");
  expect(runs).toBe(1);
  expect(judge.messages).toEqual(["at work"]);
  expect(bench.logger.texts("error", "lost its lease")).toEqual([]);
  expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Succeeded"]);
});

test("a server whose lease has run out, judged by nobody, keeps what it runs", async () => {
  await using bench = await Workbench.onSqlite();
  const gate = Promise.withResolvers<void>();
  const aborted: unknown[] = [];
  const jobs = defineJobs({
    async hold(signal: AbortSignal) {
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      await gate.promise;
      return "kept";
    },
  });
  // Without its thread the lease is renewed on the event loop, which is blocked here.
  Reflect.set(bench.storage, "leaseThread", undefined);
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const id = await client.enqueue((j, job) => j.hold(job.signal));
  await bench.reaches(id, "Processing");
  block(2_500);
  const renewals = bench.broken.calls.get("heartbeat") ?? 0;
  await expect.poll(() => bench.broken.calls.get("heartbeat"), SOON).toBeGreaterThan(renewals + 1);
  gate.resolve();
  expect(await client.result(id, { timeout: "10s" })).toBe("kept");
  expect(aborted).toEqual([]);
});
