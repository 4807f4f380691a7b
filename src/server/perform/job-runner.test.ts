import { describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { FilterChains } from "../../filters/filter-chain.ts";
import type { JobFilter } from "../../job/job-filter.ts";
import type { JobOptions } from "../../job/job-options.ts";
import { defineJobs, registryOf } from "../../job/job-set.ts";
import { Activator } from "./activator.ts";
import { ClaimLostError, JobCancelledError, ServerStoppingError } from "./interruption.ts";
import { JobRun, tryCurrentJob } from "./job-context.ts";
import { JobRunner } from "./job-runner.ts";
import { Performer } from "./performer.ts";
import type { Verdict } from "./verdict.ts";

const recorder = { log() {}, progress() {}, parameters() {} };
const thrown = new Error("no route");
const fail = () => {
  throw thrown;
};

/** Runs the job under these filters; `abort` is what its server asks it to end with while it runs. */
async function run(
  filters: readonly JobFilter[],
  job: () => unknown,
  { abort, options = {} }: { readonly abort?: Error; readonly options?: JobOptions } = {},
) {
  const failures: unknown[] = [];
  const begun = () => {
    const work = job();
    if (abort !== undefined) queueMicrotask(() => jobRun.abort(abort));
    return work;
  };
  const registry = registryOf(defineJobs({ job: begun }, { job: { retry: { delays: ["1s"] }, ...options } }));
  const registered = registry.find("job");
  if (registered === undefined) throw new Error("nothing is registered");
  const runner = new JobRunner({
    performer: new Performer({ parents: async () => new Map() }, new Activator(undefined), () => {}),
    chains: new FilterChains(filters),
    judging: { server: "web", maxResultBytes: undefined },
    filterFailed: (_, filter, error) => void failures.push([filter, error]),
  });
  const jobRun = new JobRun(claimedJob({ name: "job", args: "[]" }), recorder);
  const verdict = runner.run(jobRun, registered);
  return { verdict: await verdict, failures, isPromise: verdict instanceof Promise };
}

const states = ({ candidate, elected, replaced }: Verdict) => ({
  candidate: candidate.state,
  elected: elected.state,
  replaced: replaced.map(({ state }) => state),
});
const read = ({ elected }: Verdict): object => JSON.parse(`{${elected.entry}}`);

describe("a job without filters", () => {
  it("that gave no promise ends without one", async () => {
    const { isPromise, verdict } = await run([], () => 7);
    expect(isPromise).toBe(false);
    expect(states(verdict)).toEqual({ candidate: "Succeeded", elected: "Succeeded", replaced: [] });
  });

  it("is retried without asking anybody", async () => {
    const { verdict } = await run([], fail);
    expect(states(verdict)).toEqual({ candidate: "Failed", elected: "Scheduled", replaced: ["Failed"] });
  });
});

describe("a job with filters", () => {
  it("knows its run in every filter", async () => {
    const names: (string | undefined)[] = [];
    const see = () => void names.push(tryCurrentJob()?.name);
    const all: JobFilter = {
      onPerforming: see,
      aroundPerform: (_, next) => {
        see();
        return next();
      },
      onPerformed: see,
      onServerException: see,
      onStateElection: see,
      onStateApplied: see,
    };
    await run([all], fail);
    expect(names).toEqual(Array(7).fill("job"));
  });

  it("is not begun where a filter elects another state instead of Processing", async () => {
    let runs = 0;
    const later: JobFilter = { onStateElection: ({ elect }) => elect({ state: "Scheduled", delay: "1h" }) };
    const { verdict } = await run([later], () => runs++);
    expect(states(verdict)).toEqual({ candidate: "Scheduled", elected: "Scheduled", replaced: [] });
    expect(runs).toBe(0);
  });

  it("that a filter fails before its run spends no attempt and is not retried", async () => {
    const { verdict } = await run(
      [{ onStateElection: ({ elect }) => elect({ state: "Failed", error: thrown }) }],
      () => 7,
    );
    expect(states(verdict)).toEqual({ candidate: "Failed", elected: "Failed", replaced: [] });
    expect(verdict.elected.failed).toBe(false);
  });

  it("fails like a run where a filter throws before it: it is retried", async () => {
    let asked = 0;
    const once: JobFilter = {
      onStateElection() {
        if (asked++ === 0) throw thrown;
      },
    };
    const { verdict } = await run([once], () => 7);
    expect(states(verdict)).toEqual({ candidate: "Failed", elected: "Scheduled", replaced: ["Failed"] });
  });

  it("is Deleted when a filter cancels its run, and no error is told", async () => {
    const errors: unknown[] = [];
    const { verdict } = await run(
      [
        { name: "gate", onPerforming: ({ cancel }) => cancel("closed") },
        { onStateElection: ({ error }) => void errors.push(error) },
      ],
      () => 7,
    );
    expect(states(verdict)).toEqual({ candidate: "Deleted", elected: "Deleted", replaced: [] });
    expect(read(verdict)).toMatchObject({ reason: 'Cancelled by the filter "gate": closed' });
    expect(errors).toEqual([undefined, undefined]);
  });

  it("succeeds with what an exception filter gives; one that throws is told of and changes nothing", async () => {
    const down = new Error("the sink is down");
    const { verdict, failures } = await run(
      [
        { onServerException: ({ handle }) => handle({ rows: 0 }) },
        { name: "report", onServerException: () => Promise.reject(down) },
      ],
      fail,
    );
    expect(read(verdict)).toMatchObject({ state: "Succeeded", result: [{ rows: 0 }] });
    expect(failures).toEqual([["report", down]]);
  });

  it("may be taken out of the hands of retry, and put into them", async () => {
    const before: JobFilter = {
      order: 10,
      onStateElection: ({ candidate, elect }) => {
        if (candidate.state === "Failed") elect({ state: "Deleted" });
      },
    };
    expect(states((await run([before], fail)).verdict).replaced).toEqual(["Failed"]);
    const failing: JobFilter = {
      onStateElection: ({ candidate, elect }) => {
        if (candidate.state === "Succeeded") elect({ state: "Failed", error: thrown });
      },
    };
    expect(states((await run([failing], () => 7)).verdict)).toEqual({
      candidate: "Succeeded",
      elected: "Scheduled",
      replaced: ["Succeeded", "Failed"],
    });
  });

  it("gives the parameters that it and its filters have set", async () => {
    const { verdict } = await run([{ onPerforming: ({ job }) => job.parameters.set("filter", 1) }], () =>
      tryCurrentJob()?.parameters.set("own", 2),
    );
    expect(verdict.parameters).toBe('{"filter":1,"own":2}');
  });

  it("hears of its timeout like of any other error", async () => {
    const told: unknown[] = [];
    const report: JobFilter = {
      onPerformed: ({ error }) => void told.push(error),
      onServerException: ({ error, handle }) => {
        told.push(error);
        handle("in time after all");
      },
    };
    const { verdict } = await run([report], () => new Promise(() => {}), { options: { timeout: "20ms" } });
    expect(told).toMatchObject([{ code: "FL_JOB_TIMEOUT" }, { code: "FL_JOB_TIMEOUT" }]);
    expect(read(verdict)).toMatchObject({ state: "Succeeded", result: ["in time after all"] });
  });
});

describe("a run that its server has asked to end", () => {
  function watched() {
    const asked: string[] = [];
    const filter: JobFilter = {
      onPerformed: () => void asked.push("performed"),
      onServerException: () => void asked.push("exception"),
      onStateElection: ({ candidate }) => void asked.push(candidate.state),
    };
    return { asked, filter };
  }
  const interruptible = () =>
    new Promise((_, reject) => tryCurrentJob()?.signal.addEventListener("abort", () => reject(thrown)));

  it("goes back as it came when the server stops; what stands around it may tidy up", async () => {
    const { asked, filter } = watched();
    const { verdict } = await run([filter], interruptible, { abort: new ServerStoppingError("web") });
    expect(verdict.elected).toMatchObject({ state: "Enqueued", keepSeq: true });
    expect(asked).toEqual(["Processing", "performed"]);
  });

  it("is asked nothing more when its job was deleted: its outcome is not accepted", async () => {
    const { asked, filter } = watched();
    await run([filter], interruptible, { abort: new JobCancelledError("job") });
    expect(asked).toEqual(["Processing", "performed"]);
  });

  it("is decided as ever when its claim is lost: it may still be accepted", async () => {
    const { asked, filter } = watched();
    const { verdict } = await run([filter], interruptible, { abort: new ClaimLostError("job") });
    expect(states(verdict).elected).toBe("Scheduled");
    expect(asked).toEqual(["Processing", "performed", "Failed"]);
  });
});
