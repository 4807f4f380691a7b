import type { JobFilter } from "../job/job-filter.ts";

/** Deletes a job whose run would begin too late after the time that it is for. */
export function latencyTimeout(limitMs: number): JobFilter {
  return {
    name: "latencyTimeout",
    onStateElection(context) {
      const { candidate, stateAt, dueAt } = context;
      if (candidate.state !== "Processing" || stateAt === null || dueAt === null) return;
      const late = stateAt - dueAt;
      if (late <= limitMs) return;
      const reason = `Its latency timeout of ${limitMs} ms was exceeded: the run would have begun after ${late} ms`;
      context.elect({ state: "Deleted", reason });
    },
  };
}
