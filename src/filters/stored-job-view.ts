import type { FilteredJob } from "../job/job-filter.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import { readArguments } from "../job/read-arguments.ts";
import type { JobRecord } from "../storage/index.ts";

/** A stored job as filters see it: its arguments are decoded when somebody looks. */
export class StoredJobView implements FilteredJob {
  readonly parameters: ParameterBag;
  readonly #job: JobRecord;
  #arguments: readonly unknown[] | undefined;

  constructor(job: JobRecord, parameters = new ParameterBag(job.parameters)) {
    this.#job = job;
    this.parameters = parameters;
  }

  get id(): string {
    return this.#job.id;
  }

  get name(): string {
    return this.#job.name;
  }

  get displayName(): string | null {
    return this.#job.displayName;
  }

  get queue(): string {
    return this.#job.queue;
  }

  get priority(): number {
    return 0 - this.#job.rank;
  }

  get tags(): readonly string[] {
    return this.#job.tags;
  }

  get arguments(): readonly unknown[] {
    this.#arguments ??= Object.freeze(readArguments(this.#job.args) ?? []);
    return this.#arguments;
  }
}
