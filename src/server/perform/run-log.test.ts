import { describe, expect, it } from "vitest";
import { BreakableStorage } from "../../../test/lifecycle/breakable-storage.ts";
import { RecordingLogger } from "../../../test/lifecycle/recording-logger.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { succeeded } from "../../states/index.ts";
import { announcement, newJobs, PROCESSING } from "../../testing/contract/builders.ts";
import { settle } from "../settle/settle.ts";
import { JobRun } from "./job-context.ts";
import { unreplaced } from "./judge.ts";
import { RunLog } from "./run-log.ts";

async function running(jobs = 1) {
  const broken = new BreakableStorage(new MemoryStorage());
  const { storage } = broken;
  const logger = new RecordingLogger();
  const runLog = new RunLog(storage, logger);
  const server = announcement();
  await storage.announce(server);
  await storage.insert(newJobs(jobs));
  const request = { incarnation: server.incarnation, entry: PROCESSING, queues: ["default"], buffer: 0 };
  const claims = await storage.claim({ ...request, slots: jobs });
  const runs = claims.map((claim) => new JobRun(claim, runLog));
  const [run] = runs;
  if (run === undefined) throw new Error("nothing was claimed");
  return { broken, storage, logger, runLog, runs, run };
}

describe("RunLog", () => {
  it("writes lines by itself after a moment, all runs in one write", async () => {
    const { broken, storage, run, runs } = await running(3);
    for (const one of runs) one.log("hello");
    await expect.poll(() => storage.appendices(run.id).then(({ logs }) => logs.length)).toBe(1);
    expect(broken.calls.get("append")).toBe(1);
  });

  it("writes at once when it is told to, lines in their order and the latest progress", async () => {
    const { storage, runLog, run } = await running();
    const { log, progress } = run;
    log("first", { a: 1 });
    log("second");
    progress(10);
    progress(50, "half way");
    await runLog.flush();
    const { logs, progress: last } = await storage.appendices(run.id);
    expect(logs).toMatchObject([
      { text: "first", data: '{"a":1}', attempt: 1 },
      { text: "second", data: null },
    ]);
    expect(last).toMatchObject({ value: 50, text: "half way", attempt: 1 });
  });

  it("keeps what a run says after it has completed in its own transaction until it ends: its row may be held", async () => {
    const { storage, runLog, runs } = await running(2);
    const [completed, other] = runs;
    if (completed === undefined || other === undefined) throw new Error("too few were claimed");
    completed.log("before");
    const settlement = settle(completed, unreplaced(succeeded({ duration: 1, latency: 1 }), 1));
    completed.completion = settlement;
    completed.log("after");
    other.log("hello");
    await runLog.flush();
    const textsOf = async ({ id }: JobRun) => (await storage.appendices(id)).logs.map(({ text }) => text);
    expect([await textsOf(completed), await textsOf(other)]).toEqual([[], ["hello"]]);
    await storage.commit([settlement.change]);
    await runLog.flushLast(completed);
    expect(await textsOf(completed)).toEqual(["before", "after"]);
  });

  it("holds a run for pending until its lines are written, on the way there too", async () => {
    const { broken, runLog, run } = await running();
    expect(runLog.hasPending(run)).toBe(false);
    run.log("hello");
    expect(runLog.hasPending(run)).toBe(true);
    const open = broken.hold("append");
    const flushed = runLog.flush();
    await expect.poll(() => broken.calls.get("append")).toBe(1);
    expect(runLog.hasPending(run)).toBe(true);
    open();
    await flushed;
    expect(runLog.hasPending(run)).toBe(false);
  });

  it("writes no parameters that the commit carries, and lines all the same", async () => {
    const { broken, runLog, run } = await running();
    run.parameters.set("a", 1);
    runLog.parametersCarried(run);
    expect(runLog.hasPending(run)).toBe(false);
    run.log("hello");
    run.parameters.set("b", 2);
    runLog.parametersCarried(run);
    await runLog.flush();
    expect(broken.calls.get("append")).toBe(1);
  });

  it("reports lines that could not be stored and goes on: a log must not fail a job", async () => {
    const { broken, storage, logger, runLog, run } = await running();
    broken.fail("append");
    run.log("lost");
    await runLog.flush();
    expect(logger.texts("warn", "could not be stored")).toHaveLength(1);
    run.log("kept");
    await runLog.flush();
    expect((await storage.appendices(run.id)).logs.map(({ text }) => text)).toEqual(["kept"]);
  });

  it("goes on although a report of a failure has failed, too", async () => {
    const { broken, storage, logger, runLog, run } = await running();
    broken.fail("append");
    logger.warn = () => {
      throw new Error("the logger is broken");
    };
    run.log("lost");
    await runLog.flush();
    run.log("kept");
    await runLog.flush();
    expect((await storage.appendices(run.id)).logs.map(({ text }) => text)).toEqual(["kept"]);
  });

  it("never throws, whatever is logged", async () => {
    const { storage, runLog, run } = await running();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    run.log("circle", circle);
    run.log("x".repeat(1_000_000), { text: "y".repeat(1_000_000) });
    run.log("\ud800 half a character");
    // From JavaScript anything may come.
    for (const text of [null, undefined, 5, Symbol("s"), Object.create(null)])
      run.log(text as unknown as string);
    await runLog.flush();
    const { logs } = await storage.appendices(run.id);
    expect(logs).toHaveLength(8);
    for (const { text, data } of logs) {
      expect(text.length + (data?.length ?? 0)).toBeLessThanOrEqual(20_000);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  it("keeps 1,000 lines of a flood and says how many it dropped", async () => {
    const { storage, runLog, run } = await running();
    for (let n = 0; n < 1_500; n++) run.log(`line ${n}`);
    await runLog.flush();
    const { logs } = await storage.appendices(run.id);
    expect(logs).toHaveLength(1_000);
    expect(logs.at(-1)?.text).toMatch(/^500 more lines/);
  });

  it("keeps no more of a flood than the storage would, however few its lines are", async () => {
    const { storage, runLog, run } = await running();
    for (let n = 0; n < 200; n++) run.log("x".repeat(9_999), { text: "y".repeat(9_000) });
    await runLog.flush();
    const { logs } = await storage.appendices(run.id);
    expect(logs.length).toBeLessThan(60);
    expect(logs.at(-1)?.text).toMatch(/^1\d\d more lines/);
  });

  it("stores parameters while the job runs", async () => {
    const { storage, runLog, run } = await running();
    run.parameters.set("cursor", 1);
    run.parameters.set("cursor", 2);
    await runLog.flush();
    expect((await storage.get([run.id]))[0]?.parameters).toBe('{"cursor":2}');
  });

  it("refuses progress that is no finite number", async () => {
    const { run } = await running();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "5" as unknown as number])
      expect(() => run.progress(value)).toThrow(expect.objectContaining({ code: "FL_INVALID_PROGRESS" }));
  });

  it("stores nothing for a claim that is lost", async () => {
    const { storage, runLog, run } = await running();
    await storage.giveBack([run.claim]);
    run.log("too late");
    run.progress(99);
    await runLog.flush();
    expect(await storage.appendices(run.id)).toEqual({ logs: [], progress: null });
  });
});
