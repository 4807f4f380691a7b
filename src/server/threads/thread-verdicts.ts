/** What a server makes of runs whose thread can no longer say what they came to. Pure. */
import { electRetry } from "../../filters/automatic-retry.ts";
import { failed, type StateCandidate, summarizeError, threadDied } from "../../states/index.ts";
import { entryTail } from "../../storage/index.ts";
import { ClaimLostError, JobTimeoutError } from "../perform/interruption.ts";
import type { JobRun } from "../perform/job-context.ts";
import { unreplaced } from "../perform/judge.ts";
import type { Verdict } from "../perform/verdict.ts";
import type { ThreadJob } from "./thread-protocol.ts";

/** The third death under the same job: each time it ran alone in its thread. */
const QUARANTINE_AT = 3;

/** The thread died while this job was running in it: tried again at once, set aside at the third time. */
export function crashed({ claim }: JobRun, why: string): Verdict {
  const crashes = claim.crashes + 1;
  if (crashes >= QUARANTINE_AT) return unreplaced(quarantined(why), 0);
  return unreplaced(threadDied(why), 0);
}

/** It did not stop when its time was up, so its thread was stopped. A failed run like any other. */
export function timedOut(run: JobRun, { timeoutMs = 0, onTimeout }: ThreadJob, duration: number): Verdict {
  const thrown = new JobTimeoutError(run.name, timeoutMs);
  const summary = summarizeError(thrown);
  const candidate = failed(summary, undefined, duration);
  if (!onTimeout.isRetried) return unreplaced(candidate, duration);
  const policy = { ...onTimeout, onlyOn: undefined, exceptOn: undefined };
  const elected = electRetry({ candidate, thrown, summary, attempt: run.attempt }, policy);
  return { candidate, elected, replaced: elected === candidate ? [] : [candidate], duration };
}

/** It may have ended before the thread died under another job; what it came to is not known. No attempt is spent. */
export function unknownEnd(): Verdict {
  const reason = "Given back: its thread ended before it could say what the job came to";
  const entry = entryTail("Enqueued", reason, { interrupted: true });
  return unreplaced({ state: "Enqueued", entry, keepSeq: true }, 0);
}

/** Its claim is somebody else's, and it would not stop. What is written here is refused by the fence. */
export function lost(run: JobRun): Verdict {
  return unreplaced(failed(summarizeError(new ClaimLostError(run.name))), 0);
}

function quarantined(why: string): StateCandidate {
  const error = { type: "ThreadDied", message: why };
  const reason = `Quarantined: ${QUARANTINE_AT} times its thread or server died while this job was running; requeue it once the cause is mended`;
  return { ...failed(error, reason), failed: false, crashed: true };
}
