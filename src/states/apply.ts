import { type Change, type ClaimedJob, type JobRecord, pastOf } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";
import { refuseIllegal } from "./transitions.ts";

/**
 * The write command for a job that enters a state, as it was read or claimed. `parameters` replaces the job's.
 *
 * @throws IllegalTransitionError `FL_ILLEGAL_TRANSITION`
 */
export function apply(
  job: JobRecord | ClaimedJob,
  candidate: StateCandidate,
  replaced: readonly StateCandidate[] = [],
  parameters?: string,
): Change {
  refuseIllegal(job.state, candidate.state);
  const change = {
    id: job.id,
    fence: job.fence,
    state: candidate.state,
    entry: candidate.entry,
    past: pastOf(job),
    failed: hasFailed(candidate, replaced),
  };
  // The plain case is the hot path: no spreads.
  const { due, keepsPlan, keepSeq, crashed, queue } = candidate;
  const isPlain = due === undefined && keepSeq === undefined && crashed === undefined && queue === undefined;
  if (isPlain && replaced.length === 0 && parameters === undefined) return change;
  return {
    ...change,
    ...(replaced.length === 0 ? {} : { replaced: replaced.map((one) => one.entry) }),
    ...(queue === undefined ? {} : { queue }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(due === undefined ? {} : { due }),
    ...(keepsPlan === undefined ? {} : { keepsPlan }),
    ...(keepSeq === undefined ? {} : { keepSeq }),
    ...(crashed === undefined ? {} : { crashed }),
  };
}

/** Whether a run has failed here. One that a filter has made a success of has not: no attempt is spent on it. */
function hasFailed(candidate: StateCandidate, replaced: readonly StateCandidate[]): boolean {
  if (candidate.state === "Succeeded") return false;
  return candidate.failed === true || replaced.some((one) => one.failed);
}
