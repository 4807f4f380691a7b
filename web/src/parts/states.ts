import type { JobRow } from "../../../src/dashboard/api/index.ts";

export type JobState = JobRow["state"];

/** In the order of a job's life; the tabs and the counts stand in it. */
export const STATES: readonly JobState[] = [
  "Enqueued",
  "Processing",
  "Scheduled",
  "Awaiting",
  "Succeeded",
  "Failed",
  "Deleted",
];

/** Classes are written out, for Tailwind finds them by reading. */
export const STATE_COLOUR: Readonly<Record<JobState, string>> = {
  Enqueued: "text-enqueued",
  Processing: "text-processing",
  Scheduled: "text-scheduled",
  Awaiting: "text-awaiting",
  Succeeded: "text-succeeded",
  Failed: "text-failed",
  Deleted: "text-deleted",
};

export const STATE_TOKEN: Readonly<Record<JobState, string>> = {
  Enqueued: "--enqueued",
  Processing: "--processing",
  Scheduled: "--scheduled",
  Awaiting: "--awaiting",
  Succeeded: "--succeeded",
  Failed: "--failed",
  Deleted: "--deleted",
};

export function isState(text: string | undefined): text is JobState {
  return STATES.some((state) => state === text);
}
