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
import { checkEdit, edited, type RecurringEdit } from "./edit.ts";
import { naming } from "./naming.ts";
import { type RecurringJobDetails, setOf, toRecurringDetails } from "./recurring-details.ts";
import {
  checkListOptions,
  checkRecurringId,
  checkRecurringOptions,
  checkSync,
  type RecurringOptions,
} from "./recurring-options.ts";
import { RecurringRecords } from "./recurring-records.ts";
import { attachedTo, type Definition } from "./stored-form.ts";

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

/** Which part of the recurring jobs `list` gives. */
export interface RecurringListOptions {
  /** The last id of the part before. */
  readonly after?: string | undefined;
  /** At most so many; default 1,000. */
  readonly limit?: number | undefined;
}

/** Which recurring jobs `sync` answers for. */
export interface RecurringSyncOptions {
  /** The name of the set; default `"default"`. */
  readonly set?: string | undefined;
}

const LIST_LIMIT = 1_000;
const DEFAULT_SET = "default";

/** Adds, changes and looks at recurring jobs. */
export class RecurringManager<J extends JobSet> {
  readonly #storage: Storage;
  readonly #records: RecurringRecords;
  readonly #source: JobSource<J>;
  readonly #maxBytes: number | undefined;

  constructor({ storage, jobs, options, maxArgumentBytes }: ClientParts<J, never>) {
    this.#storage = storage;
    this.#records = new RecurringRecords(storage);
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
    const wanted = new Map([[checkRecurringId(id), await this.#define(call, cron, options)]]);
    return (await this.#add(wanted)).get(id) ?? "unchanged";
  }

  /**
   * Makes the recurring jobs of a set what the code says: adds, updates, and removes those of the set that are no longer
   * named. Those added by `addOrUpdate` and those of other sets are left alone, unless they are named. All of it is
   * checked before anything is written; then each recurring job is written by itself, so a call that fails in the middle
   * is finished by the next one.
   *
   * @throws What `addOrUpdate` throws, with the name of the definition in the message, and InvalidOptionsError `FL_INVALID_OPTIONS` for definitions of another form.
   */
  async sync(
    definitions: Readonly<Record<string, RecurringDefinition<J>>>,
    options: RecurringSyncOptions = {},
  ): Promise<SyncResult> {
    checkSync(definitions, options);
    const { set = DEFAULT_SET } = options;
    // Called together, so that each call is captured now, whatever the schema of another one waits for.
    const wanted = new Map(
      await Promise.all(
        Object.entries(definitions).map(
          async ([id, { call, cron, ...how }]): Promise<[string, Definition]> => {
            const definition = await naming(id, () => this.#define(call, cron, how));
            return [checkRecurringId(id), { ...definition, set }];
          },
        ),
      ),
    );
    const result: Record<keyof SyncResult, string[]> = { added: [], updated: [], unchanged: [], removed: [] };
    for (const [id, addition] of await this.#add(wanted)) result[addition].push(id);
    result.removed.push(...(await this.#removeOthers(set, wanted)));
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
    const isThere = await this.#change(id, (record) => {
      const { save, job } = triggered(record, now);
      begun = job;
      return save;
    });
    return isThere ? begun : null;
  }

  /** Fires no more until `resume`. False when there is no such recurring job. */
  async pause(id: string): Promise<boolean> {
    return this.#change(id, paused);
  }

  /**
   * Fires again, from the first slot after now; one that was disabled meanwhile begins anew. False when there is no such
   * recurring job.
   */
  async resume(id: string): Promise<boolean> {
    const now = await this.#storage.now();
    return this.#change(id, (record) => resumed(record, now));
  }

  /**
   * Changes when and where a recurring job runs, and leaves its call alone. With `version`, only while it still has that
   * version. What code defines (`addOrUpdate`, `sync`) is as the code says again when that runs next.
   *
   * @throws InvalidCronError `FL_INVALID_CRON`, UnknownTimeZoneError `FL_UNKNOWN_TIME_ZONE`, InvalidQueueError
   * `FL_INVALID_QUEUE`, InvalidPriorityError `FL_INVALID_PRIORITY`, InvalidOptionsError `FL_INVALID_OPTIONS`,
   * RecurringUnreadableError `FL_RECURRING_UNREADABLE`.
   */
  async edit(id: string, edit: RecurringEdit, version?: number): Promise<"applied" | "changed" | "gone"> {
    checkEdit(edit);
    const now = await this.#storage.now();
    let isStale = false;
    const isThere = await this.#change(id, (record) => {
      isStale = version !== undefined && record.version !== version;
      return isStale ? undefined : edited(record, edit, now);
    });
    if (!isThere) return "gone";
    return isStale ? "changed" : "applied";
  }

  /** One recurring job, or null. */
  async get(id: string): Promise<RecurringJobDetails | null> {
    const record = await this.#records.find(checkRecurringId(id));
    return record === undefined ? null : toRecurringDetails(record);
  }

  /**
   * The recurring jobs, ordered by id; `after` and `limit` (default 1,000) take a part of them.
   *
   * @throws InvalidOptionsError `FL_INVALID_OPTIONS`.
   */
  async list(options: RecurringListOptions = {}): Promise<RecurringJobDetails[]> {
    checkListOptions(options);
    const { after, limit = LIST_LIMIT } = options;
    const found: RecurringJobDetails[] = [];
    if (limit === 0) return found;
    for await (const record of this.#records.inOrder(after)) {
      if (found.push(toRecurringDetails(record)) === limit) break;
    }
    return found;
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
    const job = { name, queue: prepared.queue, rank, args, displayName, ...attachedTo(prepared) };
    return { v: 1, cron, timeZone, misfire, job };
  }

  async #add(wanted: ReadonlyMap<string, Definition>): Promise<ReadonlyMap<string, Addition>> {
    const now = await this.#storage.now();
    const additions = new Map<string, Addition>();
    await this.#records.change([...wanted.keys()], (id, record) => {
      const definition = wanted.get(id);
      if (definition === undefined) return undefined;
      const { addition, save } = added(id, record, definition, now);
      additions.set(id, addition);
      return save;
    });
    return additions;
  }

  /** Those of the set that nobody wants any more. One that left the set meanwhile stays. */
  async #removeOthers(set: string, wanted: ReadonlyMap<string, Definition>): Promise<string[]> {
    const isOwn = (record: RecurringRecord) => setOf(record) === set;
    const others: string[] = [];
    for await (const record of this.#records.inOrder()) {
      if (!wanted.has(record.id) && isOwn(record)) others.push(record.id);
    }
    const gone = new Set<string>();
    await this.#records.change(others, (id, record) => {
      if (record === undefined || !isOwn(record)) {
        gone.delete(id);
        return undefined;
      }
      gone.add(id);
      return { id, version: record.version, state: null };
    });
    return [...gone];
  }

  /** False when there is no record to change. */
  async #change(
    id: string,
    decide: (record: RecurringRecord) => RecurringSave | undefined,
  ): Promise<boolean> {
    let isThere = false;
    await this.#records.change([checkRecurringId(id)], (_, record) => {
      isThere = record !== undefined;
      return record === undefined ? undefined : decide(record);
    });
    return isThere;
  }
}
