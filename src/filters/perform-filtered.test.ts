import { describe, expect, it } from "vitest";
import { claimedJob } from "../../test/lifecycle/claimed-job.ts";
import type { JobFilter, PerformContext } from "../job/job-filter.ts";
import { filterChain } from "./filter-chain.ts";
import { performFiltered, RunCancelled } from "./perform-filtered.ts";
import { StoredJobView } from "./stored-job-view.ts";

const thrown = new Error("no route");

/** Runs `job` inside filters; `asked`: the server has asked it to end. */
function perform(filters: readonly JobFilter[], job: () => unknown, { asked = false } = {}) {
  const chain = filterChain([filters]);
  if (chain === undefined) throw new Error("there are no filters");
  const late: [string, unknown][] = [];
  const { signal } = new AbortController();
  const context: PerformContext = {
    job: new StoredJobView(claimedJob()),
    attempt: 1,
    signal,
    items: new Map(),
  };
  const given = performFiltered(chain, {
    context,
    run: job,
    isAsked: () => asked,
    lateError: (filter, error) => void late.push([filter, error]),
  });
  return { given, late };
}

/** A filter that writes down all that it is asked. */
function told(log: string[], name: string, over: Partial<JobFilter> = {}): JobFilter {
  return {
    name,
    onPerforming: () => void log.push(`${name} performing`),
    onPerformed: ({ result, error, cancelled }) =>
      void log.push(`${name} performed ${cancelled ? "cancelled" : (error ?? result)}`),
    onServerException: ({ error, handled }) => void log.push(`${name} ${error}${handled ? ", handled" : ""}`),
    ...over,
  };
}

describe("filters around a run", () => {
  it("nest: the first to begin is the last to end, and each sees what the run gave", async () => {
    const log: string[] = [];
    const around: JobFilter = {
      async aroundPerform(_, next) {
        log.push("around in");
        const result = await next();
        log.push("around out");
        return `${result}!`;
      },
    };
    const { given } = perform([told(log, "outer"), around, told(log, "inner")], () => {
      log.push("run");
      return 7;
    });
    expect(await given).toBe("7!");
    expect(log).toEqual([
      "outer performing",
      "around in",
      "inner performing",
      "run",
      "inner performed 7",
      "around out",
      "outer performed 7!",
    ]);
  });

  it("share their items within one run", async () => {
    const found: unknown[] = [];
    const first: JobFilter = { onPerforming: ({ items }) => void items.set("from", 1) };
    const second: JobFilter = { onPerformed: ({ items }) => void found.push(items.get("from")) };
    await perform([first, second], () => 1).given;
    expect(found).toEqual([1]);
  });

  it("that cancel keep the run and those further in from beginning; those further out are told", async () => {
    const log: string[] = [];
    const cancelling = told(log, "gate", { onPerforming: ({ cancel }) => cancel("closed") });
    const { given } = perform([told(log, "outer"), cancelling, told(log, "inner")], () => log.push("run"));
    await expect(given).rejects.toThrow(RunCancelled);
    await expect(given).rejects.toThrow('Cancelled by the filter "gate": closed');
    expect(log).toEqual(["outer performing", "outer performed cancelled"]);
  });

  it("that throw before the run count as the run: own and inner ones are left out", async () => {
    const log: string[] = [];
    const throwing = told(log, "gate", {
      onPerforming: () => {
        throw thrown;
      },
    });
    const { given } = perform([told(log, "outer"), throwing, told(log, "inner")], () => log.push("run"));
    await expect(given).rejects.toBe(thrown);
    expect(log).toEqual([
      "outer performing",
      `outer performed ${thrown}`,
      `inner ${thrown}`,
      `gate ${thrown}`,
      `outer ${thrown}`,
    ]);
  });

  it("that throw after the run make a failure of it", async () => {
    const log: string[] = [];
    const throwing: JobFilter = { onPerformed: () => Promise.reject(thrown) };
    const { given } = perform([told(log, "outer"), throwing], () => 7);
    await expect(given).rejects.toBe(thrown);
    expect(log).toEqual(["outer performing", `outer performed ${thrown}`, `outer ${thrown}`]);
  });
});

describe("aroundPerform", () => {
  it("may give something else, or not run the job at all", async () => {
    let runs = 0;
    const cached: JobFilter = { aroundPerform: async () => "cached" };
    expect(await perform([cached], () => runs++).given).toBe("cached");
    expect(runs).toBe(0);
  });

  it("cannot run the job when it has ended: its run is decided", async () => {
    let runs = 0;
    const nexts: (() => Promise<unknown>)[] = [];
    const late: JobFilter = { name: "late", aroundPerform: async (_, next) => void nexts.push(next) };
    expect(await perform([late], () => runs++).given).toBeUndefined();
    await expect(nexts[0]?.()).rejects.toThrow('the filter "late" called next when it had ended');
    expect(runs).toBe(0);
  });

  it("that give nothing change nothing: the result of the run stands", async () => {
    const watch: JobFilter = {
      async aroundPerform(_, next) {
        await next();
      },
    };
    expect(await perform([watch], () => 7).given).toBe(7);
  });

  it("may catch what the run throws", async () => {
    const forgiving: JobFilter = { aroundPerform: (_, next) => next().catch(() => "forgiven") };
    const run = () => {
      throw thrown;
    };
    expect(await perform([forgiving], run).given).toBe("forgiven");
  });

  it("cannot run the job twice", async () => {
    let runs = 0;
    const twice: JobFilter = {
      name: "twice",
      async aroundPerform(_, next) {
        await next();
        return next();
      },
    };
    await expect(perform([twice], () => runs++).given).rejects.toThrow(
      'the filter "twice" called next twice',
    );
    expect(runs).toBe(1);
  });

  it("that does not wait for the run does not end it: the run's own outcome counts", async () => {
    const goOn = Promise.withResolvers<string>();
    const hasty: JobFilter = {
      async aroundPerform(_, next) {
        void next();
      },
    };
    const { given } = perform([hasty], () => goOn.promise);
    await new Promise(setImmediate);
    goOn.resolve("done");
    expect(await given).toBe("done");
  });

  it("that does not wait hears of no unhandled rejection, and the failure is not lost", async () => {
    const hasty: JobFilter = {
      async aroundPerform(_, next) {
        void next();
      },
    };
    const { given } = perform([hasty], async () => {
      await new Promise(setImmediate);
      throw thrown;
    });
    await expect(given).rejects.toBe(thrown);
  });

  it("may give up waiting by throwing", async () => {
    const impatient: JobFilter = {
      async aroundPerform(_, next) {
        void next();
        throw thrown;
      },
    };
    await expect(perform([impatient], () => new Promise(() => {})).given).rejects.toBe(thrown);
  });
});

describe("exception filters", () => {
  const failing = () => {
    throw thrown;
  };

  it("are asked from the inside out; the first that handles gives the result", async () => {
    const log: string[] = [];
    const handling = (name: string, result: unknown) =>
      told(log, name, {
        onServerException: ({ handle, handled }) => {
          log.push(`${name}${handled ? ", handled" : ""}`);
          handle(result);
        },
      });
    const { given } = perform([handling("outer", 1), handling("inner", 2)], failing);
    expect(await given).toBe(2);
    expect(log.slice(-2)).toEqual(["inner", "outer, handled"]);
  });

  it("that handle without a result make a success without one", async () => {
    expect(await perform([{ onServerException: ({ handle }) => handle() }], failing).given).toBeUndefined();
  });

  it("that throw change nothing: the error that they were told of stands, and the others are asked", async () => {
    const log: string[] = [];
    const down = new Error("the sink is down");
    const broken: JobFilter = { name: "report", onServerException: () => Promise.reject(down) };
    const { given, late } = perform([told(log, "outer"), broken], failing);
    await expect(given).rejects.toBe(thrown);
    expect(late).toEqual([["report", down]]);
    expect(log.at(-1)).toBe(`outer ${thrown}`);
  });

  it.each<[string, JobFilter[], boolean]>([
    ["for a run that its server has asked to end", [], true],
    ["for a run that a filter has cancelled", [{ onPerforming: ({ cancel }) => cancel() }], false],
  ])("are not asked %s", async (_, others, asked) => {
    const log: string[] = [];
    const { given } = perform([told(log, "outer"), ...others], failing, { asked });
    await expect(given).rejects.toThrow();
    expect(log).toHaveLength(2);
  });
});
