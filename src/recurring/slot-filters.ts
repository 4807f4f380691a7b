import { createFiltered, EnqueueCancelledError } from "../filters/create-filtered.ts";
import type { FilterChain } from "../filters/filter-chain.ts";
import { inTime } from "../filters/in-time.ts";
import type { NewJob } from "../storage/index.ts";

/** The filters of jobs by their names; undefined for a job that has none, or that this process does not know. */
export type ChainOf = (name: string) => FilterChain | undefined;

/** Jobs that their filters have let through, on their way into one write. */
export interface Admission {
  readonly jobs: readonly NewJob[];
  /** Tells the filters that the jobs were stored, or that another server has fired the slot. */
  stored(isStored: boolean): Promise<void>;
  /** Tells them that nothing was stored, and why. */
  failed(error: unknown): Promise<void>;
}

/** The filters that are asked while a recurring job begins jobs, as a client asks them while it stores one. */
export class SlotFilters {
  readonly #chainOf: ChainOf;
  readonly #lateError: (filter: string, error: unknown) => void;

  constructor(chainOf: ChainOf, lateError: (filter: string, error: unknown) => void) {
    this.#chainOf = chainOf;
    this.#lateError = lateError;
  }

  concern(jobs: readonly NewJob[]): boolean {
    return jobs.some(({ name }) => this.#chainOf(name) !== undefined);
  }

  /**
   * A cancelled job is left out. Rejects with what a filter has thrown, and when one does not answer: then none of the
   * jobs is stored. All recurring jobs of a look wait for it, and those of other servers meet the same filter.
   */
  async admit(jobs: readonly NewJob[]): Promise<Admission> {
    const written = Promise.withResolvers<boolean>();
    // Who waits for it hears of it; nobody may be.
    written.promise.catch(() => {});
    const courses = jobs.map((job) => this.#begin(job, written.promise));
    const finish = async () => {
      await Promise.allSettled(courses.map(({ ended }) => ended));
    };
    try {
      const admitted = await inTime(Promise.all(courses.map(({ arrived }) => arrived)), "a filter");
      return {
        jobs: admitted.filter((job) => job !== undefined),
        stored(isStored) {
          written.resolve(isStored);
          return finish();
        },
        failed(error) {
          written.reject(error);
          return finish();
        },
      };
    } catch (error) {
      written.reject(error);
      // Those who are told of it may be the ones that do not answer.
      void finish();
      throw error;
    }
  }

  #begin(job: NewJob, written: Promise<boolean>): Course {
    const chain = this.#chainOf(job.name);
    if (chain === undefined) return { arrived: Promise.resolve(job), ended: written };
    const arrived = Promise.withResolvers<NewJob | undefined>();
    const store = async (changed: NewJob) => {
      arrived.resolve(changed);
      return { outcome: (await written) ? "inserted" : "exists" } as const;
    };
    const ended = createFiltered(chain, job, { store, lateError: this.#lateError });
    ended.catch((error: unknown) => {
      if (error instanceof EnqueueCancelledError) arrived.resolve(undefined);
      else arrived.reject(error);
    });
    return { arrived: arrived.promise, ended };
  }
}

interface Course {
  /** The job as its filters have let it through; undefined when one has cancelled it. */
  readonly arrived: Promise<NewJob | undefined>;
  readonly ended: Promise<unknown>;
}
