import type { Backoff } from "../base/backoff.ts";
import { Loop } from "../base/loop.ts";
import type { ProcessParts, ServerProcess } from "../server/server-process.ts";
import {
  type DueRecurring,
  type RecurringOutcome,
  type RecurringRecord,
  type RecurringSave,
  type Signal,
  StorageRefusedError,
} from "../storage/index.ts";
import { fireSlots, recordFailure, saveOfFiring } from "./next-save.ts";
import { saveAndTell } from "./save-and-tell.ts";
import { type Admission, SlotFilters } from "./slot-filters.ts";

/** Schedules of one look. */
const BITE = 100;
/** Jobs of one write, over all its schedules: a strict schedule may have many slots to catch up with. */
const MOST_JOBS = 200;
/** Aimed a little late: a timer that fires early would find nothing and have to come back. */
const LATE_MS = 1;
/** How long a server leaves a due slot to the one that fires them; jittered, so that not all take over at once. */
const PATIENCE_MS = 1_000;
/**
 * While the storage fails. Together with the patience of others far below what `ignorable` tolerates: else a slot that
 * came at the end of an outage would be skipped although the storage is back.
 */
const BACKOFF: Backoff = { firstMs: 100, longestMs: 2_000 };

/** A schedule on its way into the storage. */
interface Shot {
  readonly record: RecurringRecord;
  readonly save: RecurringSave;
  /** Whoever is told what became of its jobs. */
  readonly admission?: Admission;
}

/** The scheduler of one server. */
export function createScheduler(parts: ProcessParts): ServerProcess {
  return new Scheduler(parts);
}

/**
 * Begins the jobs of recurring jobs at their slots, by the storage's clock, never early.
 *
 * Every server has one, and any of them may fire any slot: the storage accepts one save of each version, so a slot is
 * fired once whoever dies. To spare the others the work, whoever fired last looks at the very instant, and those whose
 * saves came second wait a second longer: when the first is gone, one of them finds its slot overdue and takes over.
 */
class Scheduler implements ServerProcess {
  readonly #options: ProcessParts;
  readonly #loop: Loop;
  readonly #filters: SlotFilters;
  readonly #patienceMs = PATIENCE_MS * (1 + Math.random());
  #isFirst = true;
  /** By this process's own steady clock. */
  #givesWayUntil = 0;

  constructor(options: ProcessParts) {
    this.#options = options;
    const failed = options.failed("beginning recurring jobs");
    this.#filters = new SlotFilters(options.chainOf, (filter, error) =>
      options.warn(`the filter "${filter}" threw after a recurring job had begun its job`, error),
    );
    this.#loop = new Loop({ round: () => this.#round(), failed, backoff: BACKOFF });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  hear({ kind }: Signal): void {
    if (kind === "recurring" || kind === "changed") this.#loop.wake();
  }

  async #round(): Promise<number> {
    const found = await this.#options.storage.dueRecurring(BITE);
    const wait = this.#untilMine(found);
    if (wait > 0) return Math.min(wait, this.#options.pollingMs);
    const outcomes = await this.#save(found);
    if (outcomes.includes("applied")) this.#isFirst = true;
    else if (await this.#wereFired(found.due)) this.#giveWay();
    return 0;
  }

  /** How long to leave the earliest slot alone: until it has come, and a while longer when others fire them. */
  #untilMine({ nextAt, now }: DueRecurring): number {
    if (nextAt === null) return this.#options.pollingMs;
    if (nextAt > now) return nextAt - now + LATE_MS + (this.#isFirst ? 0 : this.#patienceMs);
    return this.#isFirst
      ? 0
      : Math.max(nextAt + this.#patienceMs - now, this.#givesWayUntil - performance.now());
  }

  /**
   * Whether others have fired what was due here. Else people have changed them at this very moment, and nobody is about
   * to fire the slot: to leave it to another server would make it late.
   */
  async #wereFired(due: readonly RecurringRecord[]): Promise<boolean> {
    const known = new Map(due.map(({ id, nextAt }) => [id, nextAt]));
    const records = await this.#options.storage.getRecurring([...known.keys()]);
    return !records.some(({ id, nextAt }) => nextAt !== null && nextAt === known.get(id));
  }

  /** Whoever was faster is alive, and may have a long backlog to fire: to try along would only hold it up. */
  #giveWay(): void {
    this.#isFirst = false;
    this.#givesWayUntil = performance.now() + this.#patienceMs;
  }

  async #save({ due, now }: DueRecurring): Promise<readonly RecurringOutcome[]> {
    const { storage } = this.#options;
    const most = Math.max(1, Math.floor(Math.min(storage.manifest.maxRows, MOST_JOBS) / due.length));
    const shots = await Promise.all(due.map((record) => this.#fire(record, now, most)));
    try {
      const outcomes = await saveAndTell(
        storage,
        shots.map(({ save }) => save),
      );
      for (const [at, { admission }] of shots.entries()) void admission?.stored(outcomes[at] === "applied");
      return outcomes;
    } catch (error) {
      if (error instanceof StorageRefusedError) return this.#saveEach(shots, now);
      for (const { admission } of shots) void admission?.failed(error);
      throw error;
    }
  }

  /** What one look makes of a schedule: its jobs, past their filters, or why it cannot begin them. */
  async #fire(record: RecurringRecord, now: number, most: number): Promise<Shot> {
    try {
      const firing = fireSlots(record, now, most);
      if (!this.#filters.concern(firing.jobs)) return { record, save: saveOfFiring(firing) };
      const admission = await this.#filters.admit(firing.jobs);
      return { record, save: saveOfFiring(firing, admission.jobs), admission };
    } catch (error) {
      return { record, save: this.#refuse(record, now, error) };
    }
  }

  /** One of them holds what the engine cannot: it alone is not fired, and the others have their turn. */
  async #saveEach(shots: readonly Shot[], now: number): Promise<RecurringOutcome[]> {
    const outcomes: RecurringOutcome[] = [];
    const hopeless: StorageRefusedError[] = [];
    try {
      for (const { record, save, admission } of shots) {
        const first = await this.#saveOne(save);
        if (first instanceof Error) void admission?.failed(first);
        else void admission?.stored(first === "applied");
        const last = first instanceof Error ? await this.#saveOne(this.#refuse(record, now, first)) : first;
        if (last instanceof Error) hopeless.push(last);
        else outcomes.push(last);
      }
    } catch (error) {
      // Whoever has been told is told nothing more; the others would wait for ever.
      for (const { admission } of shots) void admission?.failed(error);
      throw error;
    }
    // Not even that it failed can be written: it stays due, and looking again at once would find it again.
    if (hopeless[0] !== undefined) throw hopeless[0];
    return outcomes;
  }

  async #saveOne(save: RecurringSave): Promise<RecurringOutcome | StorageRefusedError> {
    try {
      const [outcome = "stale"] = await saveAndTell(this.#options.storage, [save]);
      return outcome;
    } catch (error) {
      if (error instanceof StorageRefusedError) return error;
      throw error;
    }
  }

  #refuse(record: RecurringRecord, now: number, error: unknown): RecurringSave {
    this.#options.warn(`the recurring job "${record.id}" could not begin its job`, error);
    return recordFailure(record, now, error);
  }
}
