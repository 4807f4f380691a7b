import { checkTags, checkText } from "../job/check-job-options.ts";
import { formatDisplayName } from "../job/display-name.ts";
import type { FilteredJob } from "../job/job-filter.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import { readArguments } from "../job/read-arguments.ts";
import { type FirstState, firstStateOf, type StateCandidate } from "../states/index.ts";
import { entryTail, type NewJob } from "../storage/index.ts";

/** A job that is about to be stored, and what filters make of it. */
export class JobDraft implements FilteredJob {
  readonly parameters: ParameterBag;
  #job: NewJob;
  #arguments: readonly unknown[] | undefined;

  constructor(job: NewJob) {
    this.#job = job;
    this.parameters = new ParameterBag(job.parameters ?? null);
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
    return this.#job.tags ?? [];
  }

  get arguments(): readonly unknown[] {
    this.#arguments ??= Object.freeze(readArguments(this.#job.args) ?? []);
    return this.#arguments;
  }

  get entry(): string {
    return this.#job.entry;
  }

  get state(): FirstState {
    return firstStateOf(this.#job);
  }

  change(changed: Partial<NewJob>): void {
    this.#job = { ...this.#job, ...changed };
  }

  /** As those of the job's options: one line, whatever the text holds. */
  setDisplayName(text: string): void {
    checkText(text, "the display name of the job");
    this.change({ displayName: formatDisplayName(text, []) });
  }

  addTag(tag: string): void {
    checkTags([tag], "a tag of the job");
    const tags = [...new Set([...this.tags, tag.toWellFormed()])];
    checkTags(tags, "the tags of the job");
    this.change({ tags });
  }

  /** Another first state than the one it was called for. A replaced one has no history to stand in yet: it is named. */
  enter({ state, entry, due, queue }: StateCandidate): void {
    const { due: _, gate: __, ...rest } = this.#job;
    const { state: ___, reason, ...data }: { state?: string; reason?: string } = JSON.parse(`{${entry}}`);
    const first = entryTail(state, reason, { ...data, insteadOf: this.state });
    this.#job = { ...rest, entry: first, queue: queue ?? rest.queue, ...(due === undefined ? {} : { due }) };
  }

  toJob(): NewJob {
    const parameters = this.parameters.changedText;
    return parameters === undefined ? this.#job : { ...this.#job, parameters };
  }
}
