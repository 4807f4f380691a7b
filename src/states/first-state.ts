import type { NewJob } from "../storage/index.ts";

/** The states in which a job is stored. */
export type FirstState = "Enqueued" | "Scheduled" | "Awaiting";

/** The state in which a new job is asked to be stored; its parents or its limit may have it begin in another one. */
export function firstStateOf({ gate, due }: Pick<NewJob, "gate" | "due">): FirstState {
  if (gate !== undefined) return "Awaiting";
  return due === undefined ? "Enqueued" : "Scheduled";
}
