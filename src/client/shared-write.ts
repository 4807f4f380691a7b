import type { InsertOutcome, NewJob } from "../storage/index.ts";

/**
 * One write for the jobs of a chunk, each of which comes when its filters have let it through. A chunk is stored as a
 * whole or not at all: when one does not come, none is written and all hear why.
 */
export class SharedWrite {
  readonly #jobs: NewJob[];
  readonly #write: (jobs: readonly NewJob[]) => Promise<readonly InsertOutcome[]>;
  readonly #written = Promise.withResolvers<readonly InsertOutcome[]>();
  #missing: number;

  constructor(count: number, write: (jobs: readonly NewJob[]) => Promise<readonly InsertOutcome[]>) {
    this.#jobs = new Array<NewJob>(count);
    this.#missing = count;
    this.#write = write;
    // Who waits gets the error; when nobody does yet it is no unhandled one.
    this.#written.promise.catch(() => {});
  }

  /** The job at `place` is there. Resolves when all of the chunk are written. */
  async add(job: NewJob, place: number): Promise<InsertOutcome> {
    this.#jobs[place] = job;
    this.#missing--;
    if (this.#missing === 0) this.#write(this.#jobs).then(this.#written.resolve, this.#written.reject);
    const outcome = (await this.#written.promise)[place];
    if (outcome === undefined) throw new TypeError("the storage gave no outcome for a job");
    return outcome;
  }

  /** What ends before its job has come keeps all others from being written. */
  watch<T>(course: Promise<T>): Promise<T> {
    course.catch((error: unknown) => this.#written.reject(error));
    return course;
  }
}
