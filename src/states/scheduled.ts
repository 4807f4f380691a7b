import { type Due, entryTail } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Waits for its time. A delay is kept as a delay: the store's clock makes an instant of it. */
export function scheduled(due: Due, reason?: string): StateCandidate {
  const data = "in" in due ? { delay: due.in } : { dueAt: due.at };
  return { state: "Scheduled", entry: entryTail("Scheduled", reason, data), due };
}
