import type { InsertOutcome, NewJob } from "../storage/index.ts";

type Write = (jobs: readonly NewJob[]) => Promise<readonly InsertOutcome[]>;
/** Brings one job to its write, changed or not: `store` resolves when all of the chunk are written. */
type Bring = (
  job: NewJob,
  place: number,
  store: (changed: NewJob) => Promise<InsertOutcome>,
) => Promise<InsertOutcome>;

/**
 * Stores the jobs of a chunk in one write, each of which comes when its filters have let it through. A chunk is stored
 * as a whole or not at all: when one does not come, none is written and all hear why. Settles when all have ended: their
 * filters may be told of it after the write.
 */
export async function writeTogether(jobs: readonly NewJob[], write: Write, bring: Bring): Promise<void> {
  const shared = new SharedWrite(jobs.length, write);
  const courses = jobs.map((job, place) => bring(job, place, (changed) => shared.add(changed, place)));
  for (const course of courses) course.catch((error: unknown) => shared.giveUp(error));
  const ends = await Promise.allSettled(courses);
  await shared.written;
  // All are stored, and a call may fail all the same: its job has run inside it (the testing kit's inline mode).
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

class SharedWrite {
  readonly written: Promise<readonly InsertOutcome[]>;
  readonly #settle: ReturnType<typeof Promise.withResolvers<readonly InsertOutcome[]>>;
  readonly #jobs: NewJob[];
  readonly #write: Write;
  #missing: number;

  constructor(count: number, write: Write) {
    this.#jobs = new Array<NewJob>(count);
    this.#missing = count;
    this.#write = write;
    this.#settle = Promise.withResolvers();
    this.written = this.#settle.promise;
    // Who waits gets the error; when nobody does yet it is no unhandled one.
    this.written.catch(() => {});
  }

  /** The job at `place` is there. */
  async add(job: NewJob, place: number): Promise<InsertOutcome> {
    this.#jobs[place] = job;
    this.#missing--;
    if (this.#missing === 0) this.#write(this.#jobs).then(this.#settle.resolve, this.#settle.reject);
    const outcome = (await this.written)[place];
    if (outcome === undefined) throw new TypeError("the storage gave no outcome for a job");
    return outcome;
  }

  /** A job will not come: nothing is written. The first reason stands. */
  giveUp(error: unknown): void {
    this.#settle.reject(error);
  }
}
