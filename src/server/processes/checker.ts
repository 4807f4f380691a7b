import { Loop } from "../../base/loop.ts";
import type { JobState, Storage } from "../../storage/index.ts";
import { ClaimLostError, JobCancelledError } from "../perform/interruption.ts";
import type { JobRun } from "../perform/job-context.ts";

const CHECK_MS = 500;

/** Tells running jobs, through their signal, that they were deleted, requeued or given to another server. */
export function createChecker(options: {
  readonly storage: Storage;
  readonly runs: ReadonlySet<JobRun>;
  readonly failed: (error: unknown, failures: number) => void;
}): Loop {
  const { storage, runs, failed } = options;

  async function check(checked: readonly JobRun[]): Promise<void> {
    const claims = checked.map(({ claim }) => ({ id: claim.id, fence: claim.fence }));
    const lost = new Map((await storage.check(claims)).map(({ id, state }) => [id, state]));
    for (const run of checked) {
      const state = lost.get(run.id);
      // Its own transaction has ended it, and its code has still to return.
      const isOwnEnd = run.completion !== undefined && run.completion.change.state === state;
      if (state !== undefined && !isOwnEnd) run.abort(reasonOf(run, state));
    }
  }

  return new Loop({
    failed,
    async round() {
      const checked = [...runs];
      const chunk = storage.manifest.maxRows;
      for (let at = 0; at < checked.length; at += chunk) await check(checked.slice(at, at + chunk));
      return CHECK_MS;
    },
  });
}

/** A job that is gone was deleted, and has expired since. */
function reasonOf({ name }: JobRun, state: JobState | null | undefined): Error {
  return state === "Deleted" || state === null ? new JobCancelledError(name) : new ClaimLostError(name);
}
