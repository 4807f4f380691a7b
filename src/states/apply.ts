import { type Change, type ClaimedJob, type JobRecord, pastOf } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** The write command for a job that enters a state, as it was read or claimed. */
export function apply(
  job: JobRecord | ClaimedJob,
  candidate: StateCandidate,
  replaced: readonly StateCandidate[] = [],
): Change {
  const change = {
    id: job.id,
    fence: job.fence,
    state: candidate.state,
    entry: candidate.entry,
    past: pastOf(job),
    failed: candidate.failed === true || replaced.some((one) => one.failed),
  };
  // The plain case is the hot path: no spreads.
  const { due, keepSeq, crashed } = candidate;
  if (replaced.length === 0 && due === undefined && keepSeq === undefined && crashed === undefined)
    return change;
  return {
    ...change,
    replaced: replaced.map((one) => one.entry),
    ...(due === undefined ? {} : { due }),
    ...(keepSeq === undefined ? {} : { keepSeq }),
    ...(crashed === undefined ? {} : { crashed }),
  };
}
