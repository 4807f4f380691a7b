import { type Due, entryTail } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Is for another time from now on, and waits for it. A delay is kept as one: the store's clock makes an instant of it. */
export function scheduled(due: Due, reason?: string): StateCandidate {
  const data = "in" in due ? { delay: due.in } : { dueAt: due.at };
  return { state: "Scheduled", entry: entryTail("Scheduled", reason, data), due };
}

/** Waits, and is still for the time that it was for: a retry, or a job that a filter puts off. */
export function putOff(due: Due, reason?: string): StateCandidate {
  return { ...scheduled(due, reason), keepsPlan: true };
}
