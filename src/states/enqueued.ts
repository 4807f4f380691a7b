import { entryTail } from "../storage/index.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Ready to run, at the end of its queue. */
export function enqueued(reason?: string, data?: Readonly<Record<string, unknown>>): StateCandidate {
  return { state: "Enqueued", entry: entryTail("Enqueued", reason, data) };
}

/** Says in the history that the death was a thread's. Quotes in texts are escaped there, so no text looks like it. */
const THREAD_DIED = { threadDied: true };
const MARK = '"threadDied":true';

/** The thread that ran it died, and took no other job with it: back where it stood, a crash counted. */
export function threadDied(why: string): StateCandidate {
  const reason = `Recovered: the thread that ran it died (${why})`;
  return {
    state: "Enqueued",
    entry: entryTail("Enqueued", reason, THREAD_DIED),
    keepSeq: true,
    crashed: true,
  };
}

/** How many threads have died under a job, as far as its history goes back. */
export function threadDeaths({ history }: { readonly history: string }): number {
  return history.split(MARK).length - 1;
}

/** A run that was interrupted: back where the job stood, no attempt spent. */
export function interrupted(server: string): StateCandidate {
  const reason = `Given back: the server ${server} stopped before the job had finished`;
  return { state: "Enqueued", entry: entryTail("Enqueued", reason, { interrupted: true }), keepSeq: true };
}
