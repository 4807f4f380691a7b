import { JobTimeoutError } from "./interruption.ts";
import type { JobRun } from "./job-context.ts";

/** What becomes of code that does not end when its time is up. */
export type LateWork = "goes on" | "is waited for";

/** How long filters may take to end when the time of their run is up: they are told of it, and may have to tidy up. */
export const FILTERS_MS = 5_000;

/**
 * Ends the wait when the time is up: the signal is aborted and the run counts as failed at once. Code that ignores the
 * signal cannot be stopped in this thread; what it still does is not accepted, and is waited for only where somebody
 * else can stop it.
 */
export function limit(run: JobRun, timeoutMs: number, late: LateWork, work: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let error: JobTimeoutError | undefined;
    const timer = setTimeout(() => {
      error = new JobTimeoutError(run.name, timeoutMs);
      run.abort(error);
      if (late === "goes on") reject(error);
    }, timeoutMs);
    Promise.resolve(work)
      .then(
        (value) => (error === undefined ? resolve(value) : reject(error)),
        (thrown: unknown) => reject(error ?? thrown),
      )
      .finally(() => clearTimeout(timer));
  });
}

/** Waits for the work inside the filters, as long as it may take. */
export type Hold = (work: Promise<unknown>) => Promise<unknown>;

/**
 * The same for a run with filters: `body` holds the run inside it. What it holds ends as above, so that filters hear of
 * a timeout as of every other error; they are waited for a while longer.
 */
export async function limitAround(
  run: JobRun,
  timeoutMs: number,
  late: LateWork,
  body: (hold: Hold) => Promise<unknown>,
): Promise<unknown> {
  const up = Promise.withResolvers<never>();
  const over = Promise.withResolvers<never>();
  // Where nothing is held at that moment nobody waits for it.
  up.promise.catch(() => {});
  let error: JobTimeoutError | undefined;
  let timer = setTimeout(() => {
    error = new JobTimeoutError(run.name, timeoutMs);
    run.abort(error);
    up.reject(error);
    if (late === "goes on") timer = setTimeout(over.reject, FILTERS_MS, error);
  }, timeoutMs);
  const hold: Hold = async (work) => {
    if (late === "goes on") return Promise.race([work, up.promise]);
    const [ended] = await Promise.allSettled([work]);
    if (error !== undefined) throw error;
    if (ended.status === "rejected") throw ended.reason;
    return ended.value;
  };
  try {
    return await Promise.race([body(hold), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
