import type { Call } from "../client/call.ts";
import { capture, runCall } from "../client/capture.ts";
import { type JobCall, readCall } from "../job/job-call.ts";
import type { JobSet } from "../job/job-set.ts";
import { jobPlaceholders } from "../job/placeholder.ts";
import { recorderOf } from "../job/recorder.ts";
import { newRecording } from "../job/recording.ts";
import type { JobSelection, JobSelector } from "./enqueued-job.ts";

/** Which jobs a test means. */
export interface Selected {
  readonly name: string;
  /** Left out: of any arguments. */
  readonly args?: readonly unknown[];
}

/** @throws what `enqueue` throws for a function that names no call, such as UnknownJobError `FL_UNKNOWN_JOB`. */
export function selectJobs<J extends JobSet, S extends JobSelection>(
  jobs: J,
  selector: JobSelector<J, S>,
): Selected {
  const recorder = recorderOf(jobs);
  const selected: JobSelection = runCall(newRecording(), selector, [recorder, jobPlaceholders]);
  if (typeof selected === "function") return { name: selected.name };
  const call = readCall(selected);
  if (call !== undefined) return call;
  // It names none: the capture knows best how to say so.
  return capture<Parameters<Call<J, JobCall>>>(
    () => selector(recorder, jobPlaceholders),
    recorder,
    jobPlaceholders,
  );
}
