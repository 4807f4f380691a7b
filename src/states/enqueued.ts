import { entryTail } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Ready to run, at the end of its queue. */
export function enqueued(reason?: string, data?: Readonly<Record<string, unknown>>): StateCandidate {
  return { state: "Enqueued", entry: entryTail("Enqueued", reason, data) };
}

/** A run that was interrupted: back where the job stood, no attempt spent. */
export function interrupted(server: string): StateCandidate {
  const reason = `Given back: the server ${server} stopped before the job had finished`;
  return { state: "Enqueued", entry: entryTail("Enqueued", reason, { interrupted: true }), keepSeq: true };
}
