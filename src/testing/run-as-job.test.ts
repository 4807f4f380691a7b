import { currentJob, tryCurrentJob } from "firelater";
import { runAsJob } from "firelater/testing";
import { describe, expect, it } from "vitest";

describe("runAsJob", () => {
  it("gives the function a current job, from any depth, and tells what it said", async () => {
    const ran = await runAsJob(
      async ({ id }) => {
        await Promise.resolve();
        const job = currentJob();
        job.log("begins", { attempt: job.attempt, at: new Date(0) });
        job.log("plain");
        job.progress(10);
        job.progress(50, "half");
        job.parameters.set("cursor", 7);
        return { same: id === job.id, name: job.name, dueAt: job.dueAt, old: job.parameters.get("old") };
      },
      { attempt: 3, name: "rows.import", dueAt: "2026-03-01T09:00:00Z", parameters: { old: [1] } },
    );
    expect(ran).toEqual({
      result: { same: true, name: "rows.import", dueAt: new Date("2026-03-01T09:00:00Z"), old: [1] },
      logs: [
        { text: "begins", data: { attempt: 3, at: "1970-01-01T00:00:00.000Z" } },
        { text: "plain", data: null },
      ],
      progress: [
        { value: 10, text: null },
        { value: 50, text: "half" },
      ],
      parameters: { old: [1], cursor: 7 },
    });
    expect(tryCurrentJob()).toBeUndefined();
  });

  it("runs a plain function, and rejects with what one throws", async () => {
    expect((await runAsJob(() => 42)).result).toBe(42);
    await expect(runAsJob(() => Promise.reject(new TypeError("no")))).rejects.toThrow(TypeError);
  });

  it("passes the wish to end on to the job's signal", async () => {
    const stop = new AbortController();
    const ran = runAsJob(
      ({ signal }) => {
        stop.abort(new Error("enough"));
        return signal.reason;
      },
      { signal: stop.signal },
    );
    expect((await ran).result).toEqual(new Error("enough"));
    const aborted = await runAsJob(({ signal }) => signal.reason, { signal: AbortSignal.abort("text") });
    expect(aborted.result).toMatchObject({ message: "The run was asked to end.", cause: "text" });
  });

  it("tells in which transaction it was completed, and with what", async () => {
    const tx = { begun: true };
    const ran = await runAsJob(async ({ completeIn }) => {
      await completeIn({ begun: false });
      await completeIn(tx, { rows: 2 });
    });
    expect(ran.completion).toEqual({ tx, result: { rows: 2 } });
    expect(ran.completion?.tx).toBe(tx);
    expect((await runAsJob(() => {})).completion).toBeUndefined();
  });

  it("refuses what a real job refuses, and options that do not exist", async () => {
    await expect(runAsJob(({ progress }) => progress(Number.NaN))).rejects.toMatchObject({
      code: "FL_INVALID_PROGRESS",
    });
    await expect(runAsJob(() => {}, { attempt: 0 })).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
    // @ts-expect-error there is no such option
    await expect(runAsJob(() => {}, { attempts: 1 })).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
  });
});
