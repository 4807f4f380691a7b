import { FirelaterError } from "../base/error.ts";
import type { Call } from "../client/call.ts";
import { capture } from "../client/capture.ts";
import type { ClientParts } from "../client/client.ts";
import { JobSource } from "../client/job-source.ts";
import { checkSchema, prepare } from "../client/prepare.ts";
import type { JobCall, JobId } from "../job/job-call.ts";
import type { JobSet } from "../job/job-set.ts";
import { jobPlaceholders } from "../job/placeholder.ts";
import type { RecurringRecord, RecurringSave, Storage } from "../storage/index.ts";
import { type Addition, added, paused, resumed, triggered } from "./changes.ts";
import { CronExpression } from "./cron-expression.ts";
import { type RecurringJobDetails, toRecurringDetails } from "./recurring-details.ts";
import { checkRecurringId, checkRecurringOptions, type RecurringOptions } from "./recurring-options.ts";
import type { Definition } from "./schedule.ts";

/** One recurring job of a code-defined set. */
export interface RecurringDefinition<J extends JobSet> extends RecurringOptions {
  /** The call, captured at once. `job.dueAt` is the slot. */
  readonly call: Call<J, JobCall>;
  /** A cron expression; `Cron` writes the usual ones. */
  readonly cron: string;
}

/** Names by what `sync` did to them. */
export interface SyncResult {
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
}

/** Others changed the same recurring job faster than this call could follow (`FL_RECURRING_BUSY`). Try again. */
export class RecurringBusyError extends FirelaterError {}

/** How often a change that lost a race is decided anew. */
const TRIES = 20;
const PAGE = 100;
const DEFAULT_SET = "default";

/** Adds, changes and looks at recurring jobs. */
export class RecurringManager<J extends JobSet> {
  readonly #storage: Storage;
  readonly #source: JobSource<J>;
  readonly #maxBytes: number | undefined;

  constructor({ storage, jobs, options, maxArgumentBytes }: ClientParts<J>) {
    this.#storage = storage;
    this.#source = new JobSource(jobs, options);
    this.#maxBytes = maxArgumentBytes;
  }

  /**
   * Adds a recurring job, or makes the one of this name what the call says; nothing is written when it is so already.
   * It fires for slots after now: what has gone by before it was added or its time was changed is not caught up with.
   * Mends one that was disabled; one that is paused stays paused.
   *
   * @throws InvalidRecurringIdError `FL_INVALID_RECURRING_ID`, InvalidCronError `FL_INVALID_CRON`, UnknownTimeZoneError
   * `FL_UNKNOWN_TIME_ZONE`, InvalidOptionsError `FL_INVALID_OPTIONS`, and what `enqueue` throws for the call.
   */
  async addOrUpdate<C extends JobCall>(
    id: string,
    call: Call<J, C>,
    cron: string,
    options: RecurringOptions = {},
  ): Promise<Addition> {
    return this.#add(checkRecurringId(id), await this.#define(call, cron, options));
  }

  /**
   * Makes the recurring jobs of a set what the code says: adds, updates, and removes those of the set that are no longer
   * named. Those added by `addOrUpdate` and those of other sets are left alone. All of it is checked before anything is
   * written.
   */
  async sync(
    definitions: Readonly<Record<string, RecurringDefinition<J>>>,
    { set = DEFAULT_SET }: { readonly set?: string } = {},
  ): Promise<SyncResult> {
    const wanted = new Map<string, Definition>();
    for (const [id, { call, cron, ...options }] of Object.entries(definitions)) {
      wanted.set(checkRecurringId(id), { ...(await this.#define(call, cron, options)), set });
    }
    const result: Record<keyof SyncResult, string[]> = { added: [], updated: [], unchanged: [], removed: [] };
    for (const [id, definition] of wanted) result[await this.#add(id, definition)].push(id);
    for await (const { id, set: own } of this.#all()) {
      if (own === set && !wanted.has(id) && (await this.removeIfExists(id))) result.removed.push(id);
    }
    return result;
  }

  /** Removes a recurring job; jobs that it began stay. False when there was none. */
  async removeIfExists(id: string): Promise<boolean> {
    return this.#change(id, ({ version }) => ({ id, version, state: null }));
  }

  /** Begins a job now, beside its slots, which stay as they are. Its id, or null when there is no such recurring job. */
  async trigger(id: string): Promise<JobId | null> {
    let begun: JobId | null = null;
    const now = await this.#storage.now();
    await this.#change(id, (record) => {
      const { save, job } = triggered(record, now);
      begun = job;
      return save;
    });
    return begun;
  }

  /** Fires no more until `resume`. False when there is no such recurring job. */
  async pause(id: string): Promise<boolean> {
    return this.#change(id, paused);
  }

  /** Fires again, from the first slot after now. False when there is no such recurring job. */
  async resume(id: string): Promise<boolean> {
    const now = await this.#storage.now();
    return this.#change(id, (record) => resumed(record, now));
  }

  /** One recurring job, or null. */
  async get(id: string): Promise<RecurringJobDetails | null> {
    const [record] = await this.#storage.getRecurring([checkRecurringId(id)]);
    return record === undefined ? null : toRecurringDetails(record);
  }

  /** All recurring jobs, ordered by id; `after` and `limit` (default 1,000) take a part of them. */
  async list({
    after,
    limit = 1_000,
  }: {
    readonly after?: string;
    readonly limit?: number;
  } = {}): Promise<RecurringJobDetails[]> {
    const found: RecurringJobDetails[] = [];
    for await (const one of this.#all(after)) {
      if (found.length >= limit) break;
      found.push(one);
    }
    return found;
  }

  async *#all(from?: string): AsyncGenerator<RecurringJobDetails, undefined> {
    for (let after = from; ; ) {
      const page = await this.#storage.listRecurring({
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      yield* page.map(toRecurringDetails);
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  /** All that can be wrong is found here, before any write. */
  async #define<C extends JobCall>(
    call: Call<J, C>,
    cron: string,
    options: RecurringOptions,
  ): Promise<Definition> {
    checkRecurringOptions(options);
    CronExpression.parse(cron);
    const { timeZone = "UTC", misfire = "relaxed", queue, priority } = options;
    const captured = capture(call, this.#source.recorder(), jobPlaceholders);
    const jobOptions = this.#source.options(captured.name);
    const prepared = prepare(captured, jobOptions, { queue, priority }, { maxBytes: this.#maxBytes });
    await checkSchema(captured, prepared, jobOptions);
    const { name, rank, args, displayName } = prepared;
    return { v: 1, cron, timeZone, misfire, job: { name, queue: prepared.queue, rank, args, displayName } };
  }

  async #add(id: string, definition: Definition): Promise<Addition> {
    const now = await this.#storage.now();
    for (let tries = 0; tries < TRIES; tries++) {
      const [record] = await this.#storage.getRecurring([id]);
      const { addition, save } = added(id, record, definition, now);
      if (save === undefined || (await this.#save(save))) return addition;
    }
    throw busy(id);
  }

  /** False when there is no record to change. */
  async #change(
    id: string,
    decide: (record: RecurringRecord) => RecurringSave | undefined,
  ): Promise<boolean> {
    checkRecurringId(id);
    for (let tries = 0; tries < TRIES; tries++) {
      const [record] = await this.#storage.getRecurring([id]);
      if (record === undefined) return false;
      const save = decide(record);
      if (save === undefined || (await this.#save(save))) return true;
    }
    throw busy(id);
  }

  async #save(save: RecurringSave): Promise<boolean> {
    const [outcome] = await this.#storage.saveRecurring([save]);
    return outcome === "applied";
  }
}

function busy(id: string): RecurringBusyError {
  return new RecurringBusyError({
    code: "FL_RECURRING_BUSY",
    what: `The recurring job ${JSON.stringify(id)} was changed by others ${TRIES} times meanwhile; nothing was written.`,
    mend: "Try again.",
  });
}
