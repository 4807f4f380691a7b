import { setTimeout as delay } from "node:timers/promises";
import { LONGEST_TIMER_MS } from "../base/duration.ts";
import { apply, interrupted } from "../states/index.ts";
import type { Committer } from "./committer.ts";
import { ServerStoppingError } from "./interruption.ts";
import type { RunLog } from "./run-log.ts";
import type { Worker } from "./worker.ts";

/** Short jobs end by themselves in this time; the others are then asked to, through their signal. */
const ASK_AFTER_MS = 500;
/** How long a broken storage is waited for once every job has ended or was given back. */
const LAST_WRITES_MS = 5_000;

/** The end of a server's work: jobs finish, or are given back at once with no attempt spent; every outcome is stored. */
export async function drain(parts: {
  readonly worker: Worker;
  readonly committer: Committer;
  readonly runLog: RunLog;
  readonly server: string;
  readonly timeoutMs: number;
}): Promise<void> {
  const { worker, committer, runLog, server, timeoutMs } = parts;
  const idle = worker.idle();
  await within(idle, Math.min(ASK_AFTER_MS, timeoutMs));
  worker.abortAll(new ServerStoppingError(server));
  await within(idle, Math.max(timeoutMs - ASK_AFTER_MS, 0));
  await within(runLog.flush(), LAST_WRITES_MS);
  giveBackUnfinished(worker, committer, server);
  await within(committer.idle(), LAST_WRITES_MS);
  committer.giveUp();
}

/**
 * Under the claim's fence, so what the code of these jobs still does in this process is not accepted: another server
 * may start them now.
 */
function giveBackUnfinished(worker: Worker, committer: Committer, server: string): void {
  for (const run of worker.abandonRuns()) {
    // The committer reports a storage that does not answer; the job is then recovered with this server's lease.
    committer.commit(apply(run.claim, interrupted(server))).catch(() => {});
  }
}

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([
    work,
    delay(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal: timer.signal }).catch(() => {}),
  ]);
  timer.abort();
}
