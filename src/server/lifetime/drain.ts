import type { Logger } from "../../base/logger.ts";
import type { Loop } from "../../base/loop.ts";
import { apply, interrupted } from "../../states/index.ts";
import type { Fetcher } from "../fetch/fetcher.ts";
import type { Heartbeat } from "../lease/heartbeat.ts";
import { Deadline } from "../perform/deadline.ts";
import { ServerStoppingError } from "../perform/interruption.ts";
import { unreplaced } from "../perform/judge.ts";
import type { RunLog } from "../perform/run-log.ts";
import type { ServerEventHub } from "../server-events.ts";
import type { Committer } from "../settle/committer.ts";
import type { Worker } from "../worker.ts";

/** Short jobs end by themselves in this time; the others are then asked to, through their signal. */
const ASK_AFTER_MS = 500;
/** How long a storage that does not answer is waited for, once every job has ended or is to be given back. */
const LAST_WRITES_MS = 5_000;
/** Log lines may take this much of it: what became of the jobs matters more. */
const LOG_MS = 2_000;
const LEASE_MS = 1_000;

export interface DrainParts {
  readonly server: string;
  readonly fetcher: Fetcher;
  readonly loops: readonly Pick<Loop, "stop">[];
  /** Tells runs of lost claims, so it goes on for as long as there are runs. */
  readonly checker: Loop;
  readonly worker: Worker;
  readonly committer: Committer;
  readonly runLog: RunLog;
  readonly heartbeat: Heartbeat;
  readonly events: ServerEventHub;
  readonly logger: Logger;
}

/**
 * The end of a server's work: jobs finish, or are given back at `deadline` with no attempt spent; every outcome is
 * stored; the lease ends. What the storage does not take in time others recover.
 */
export async function drain(parts: DrainParts, deadline: Deadline): Promise<void> {
  // Beside the runs: a storage that keeps a loop waiting must not keep the jobs from hearing of the end.
  const loopsEnded = endLoops(parts);
  await endRuns(parts, deadline);
  const lastWrites = new Deadline(LAST_WRITES_MS);
  await storeEnds(parts, lastWrites);
  await lastWrites.wait(Promise.all([loopsEnded, parts.checker.stop()]));
  await new Deadline(LEASE_MS).wait(endLease(parts));
}

async function endLoops({ fetcher, loops, logger }: DrainParts): Promise<void> {
  try {
    await Promise.all([fetcher.stop(), ...loops.map((loop) => loop.stop())]);
  } catch (error) {
    logger.warn("giving jobs back failed; they are recovered by other servers", error);
  }
}

async function endRuns({ worker, server }: DrainParts, deadline: Deadline): Promise<void> {
  const ended = worker.ended();
  await deadline.wait(ended, ASK_AFTER_MS);
  worker.abortAll(new ServerStoppingError(server));
  await deadline.wait(ended);
}

async function storeEnds(parts: DrainParts, deadline: Deadline): Promise<void> {
  const { worker, committer, runLog } = parts;
  await deadline.wait(runLog.flush(), LOG_MS);
  const givenBack = giveBackUnfinished(parts);
  await deadline.wait(Promise.all([worker.stored(), givenBack]));
  committer.giveUp();
}

/**
 * Under the claim's fence, so what the code of these jobs still does in this process is not accepted: another server
 * may start them now.
 */
async function giveBackUnfinished({ worker, committer, events, server }: DrainParts): Promise<void> {
  const commits = worker.abandonRuns().map(async (run) => {
    const end = unreplaced(interrupted(server), 0);
    const outcome = await committer.commit(apply(run.claim, end.elected));
    if (outcome === "applied" || outcome === "already") events.settled(run, end);
  });
  // The committer reports a storage that does not answer; the jobs are then recovered with this server's lease.
  await Promise.allSettled(commits);
}

async function endLease({ heartbeat, logger }: DrainParts): Promise<void> {
  try {
    await heartbeat.stop();
  } catch (error) {
    logger.warn("ending the lease failed; it runs out by itself", error);
  }
}
