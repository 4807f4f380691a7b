import type { JobSetOptions } from "../job/job-options.ts";
import { type JobSet, registryOf, type SourceOf } from "../job/job-set.ts";
import { OptionTable } from "../job/option-table.ts";
import type { Recorder } from "../job/recorded-calls.ts";
import { recorderOf } from "../job/recorder.ts";
import type { JobRegistry } from "../job/registry.ts";
import type { ResolvedJobOptions } from "../job/resolve-options.ts";
import { typeOnlyRecorder } from "../job/type-only-recorder.ts";

const REMEMBERED = 10_000;

/**
 * Where a client knows its jobs from: a job set, a function that gives it at first use (so that job modules can import
 * the client), or the types alone, with options given as data.
 */
export class JobSource<J extends JobSet> {
  readonly #jobs: J | (() => J) | undefined;
  readonly #table: OptionTable;
  readonly #options = new Map<string, ResolvedJobOptions>();
  #known: { readonly registry: JobRegistry; readonly recorder: Recorder<SourceOf<J>> } | undefined;

  constructor(jobs: J | (() => J) | undefined, options: JobSetOptions<SourceOf<J>> | undefined) {
    this.#jobs = jobs;
    this.#table = new OptionTable(options);
  }

  recorder(): Recorder<SourceOf<J>> {
    return this.#jobs === undefined ? typeOnlyRecorder<J>() : this.#registered(this.#jobs).recorder;
  }

  /** What the options say of a job that was just captured. */
  options(name: string): ResolvedJobOptions {
    let options = this.#options.get(name);
    if (options === undefined) {
      const registered =
        this.#jobs === undefined ? undefined : this.#registered(this.#jobs).registry.find(name);
      options = registered?.options ?? this.#table.forName(name);
      // A client that knows only types may make up names from data: then the oldest answers are forgotten.
      if (this.#options.size >= REMEMBERED) this.#options.clear();
      this.#options.set(name, options);
    }
    return options;
  }

  #registered(jobs: J | (() => J)): { registry: JobRegistry; recorder: Recorder<SourceOf<J>> } {
    if (this.#known === undefined) {
      const set = typeof jobs === "function" ? jobs() : jobs;
      this.#known = { registry: registryOf(set), recorder: recorderOf(set) };
    }
    return this.#known;
  }
}
