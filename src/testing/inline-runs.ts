import { InlineRunError } from "../filters/create-filtered.ts";
import type { CreatedContext, JobFilter } from "../job/job-filter.ts";
import { tryCurrentJob } from "../server/perform/job-context.ts";
import { EndlessJobsError } from "./course.ts";
import type { SoloServer } from "./solo-server.ts";

/** Jobs inside jobs inside jobs: deeper than this is a circle, and would end when the memory does. */
const DEEPEST = 100;

export interface InlineParts {
  readonly server: SoloServer;
  /** Runs what is ready. */
  readonly runReady: () => Promise<void>;
  /** Takes a job back that is not to run. */
  readonly drop: (id: string) => Promise<unknown>;
  readonly rejects: boolean;
}

/**
 * Inline mode: a filter that runs a job as soon as it is stored, inside the call that stores it. It stands around all
 * other filters, so that they have seen the job stored before it runs.
 */
export function inlineRuns({ server, runReady, drop, rejects }: InlineParts): JobFilter {
  const outside = {};
  const lanes = new WeakMap<object, Lane>();

  /** Calls of one job, or of the test, wait for each other; those inside a job cannot wait for the job itself. */
  function laneOfCaller(): Lane {
    const caller = tryCurrentJob() ?? outside;
    const lane = lanes.get(caller) ?? new Lane();
    lanes.set(caller, lane);
    return lane;
  }

  async function run(id: string): Promise<void> {
    if (server.running > DEEPEST) {
      // Left ready, it would begin the circle anew as soon as one of the others has ended.
      await drop(id);
      throw new EndlessJobsError(
        `${DEEPEST} jobs run inside each other.`,
        "Inline, each runs in the other's call.",
      );
    }
    await runReady();
    const first = await server.firstRunOf(id);
    if (rejects && first?.error !== undefined) throw first.error;
  }

  return {
    name: "inline mode of firelater/testing",
    order: Number.MIN_SAFE_INTEGER,
    async onCreated({ job, existed, cancelled, error }: CreatedContext) {
      if (existed || cancelled || error !== undefined) return;
      const lane = laneOfCaller();
      try {
        await lane.add(() => run(job.id));
      } catch (thrown) {
        // The jobs of the same enqueueMany run to their end: none goes on behind the back of a test that has moved on.
        await lane.idle();
        throw new InlineRunError(thrown);
      }
    },
  };
}

/** Work that is done one after the other. */
class Lane {
  #last: Promise<void> = Promise.resolve();

  add(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  async idle(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }
}
