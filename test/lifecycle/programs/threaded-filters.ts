/** Jobs with filters that run in threads. What the filters see comes back in results, parameters and the log of the job. */
import { AsyncLocalStorage } from "node:async_hooks";
import { isMainThread } from "node:worker_threads";
import { currentJob, defineJobs, type JobFilter } from "firelater";

const places = new AsyncLocalStorage<string>();

const here = isMainThread ? "main thread" : "thread";

/** Carries something to the job, and writes down that it was there. */
const carried: JobFilter = {
  name: "carried",
  aroundPerform: (_, next) => places.run(here, next),
  onPerformed({ job, error }) {
    job.parameters.set("performed in", here);
    currentJob().log(error instanceof Error ? error.message : "went well");
  },
};

/** Stands around the run as the last one, as a filter of the job. */
const closed: JobFilter = {
  name: "closed",
  onPerforming: ({ job, cancel }) => {
    if (job.arguments[0] === "closed") cancel("until tomorrow");
  },
  onServerException: ({ error, handle }) => {
    if (error instanceof RangeError) handle(`handled: ${error.message}`);
    if (error instanceof EvalError) throw new Error("the sink is down");
  },
  onStateElection: ({ from, candidate, elect }) => {
    if (from === "Processing" && candidate.data.result === "unwanted") {
      elect({ state: "Deleted", reason: "unwanted" });
    }
  },
};

const work = {
  async run(what: string): Promise<string> {
    await new Promise(setImmediate);
    if (what === "range") throw new RangeError("out of paper");
    if (what === "sink") throw new EvalError("no paper");
    if (what === "error") throw new Error("no route");
    return what === "place" ? `${places.getStore()}` : what;
  },
};

export const filters: readonly JobFilter[] = [carried];
export const jobs = defineJobs({ work }, { work: { run: { filters: [closed], retry: false } } });
