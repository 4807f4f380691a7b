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
import { fireSlots, recordFailure } from "./next-save.ts";

/** Schedules of one look. */
const BITE = 100;
/** Jobs of one write, over all its schedules: a strict schedule may have many slots to catch up with. */
const MOST_JOBS = 200;
/** Aimed a little late: a timer that fires early would find nothing and have to come back. */
const LATE_MS = 1;
/** How long a server leaves a due slot to the one that fires them; jittered, so that not all take over at once. */
const PATIENCE_MS = 1_000;

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
  readonly #patienceMs = PATIENCE_MS * (1 + Math.random());
  #isFirst = true;

  constructor(options: ProcessParts) {
    this.#options = options;
    const failed = options.failed("beginning recurring jobs");
    this.#loop = new Loop({ round: () => this.#round(), failed });
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
    this.#isFirst = outcomes.includes("applied");
    return 0;
  }

  /** How long to leave the earliest slot alone: until it has come, and a while longer when others fire them. */
  #untilMine({ nextAt, now }: DueRecurring): number {
    if (nextAt === null) return this.#options.pollingMs;
    if (nextAt > now) return nextAt - now + LATE_MS + (this.#isFirst ? 0 : this.#patienceMs);
    return this.#isFirst ? 0 : nextAt + this.#patienceMs - now;
  }

  async #save({ due, now }: DueRecurring): Promise<readonly RecurringOutcome[]> {
    const { storage } = this.#options;
    const most = Math.max(1, Math.floor(Math.min(storage.manifest.maxRows, MOST_JOBS) / due.length));
    const saves = due.map((record) => this.#fire(record, now, most));
    try {
      return await storage.saveRecurring(saves);
    } catch (error) {
      if (!(error instanceof StorageRefusedError)) throw error;
      return this.#saveEach(due, saves, now);
    }
  }

  #fire(record: RecurringRecord, now: number, most: number): RecurringSave {
    try {
      return fireSlots(record, now, most);
    } catch (error) {
      return this.#refuse(record, now, error);
    }
  }

  /** One of them holds what the engine cannot: it alone is not fired. */
  async #saveEach(
    due: readonly RecurringRecord[],
    saves: readonly RecurringSave[],
    now: number,
  ): Promise<RecurringOutcome[]> {
    const outcomes: RecurringOutcome[] = [];
    for (const [at, record] of due.entries()) {
      const save = saves[at];
      if (save !== undefined) outcomes.push(await this.#saveOne(record, save, now));
    }
    return outcomes;
  }

  async #saveOne(record: RecurringRecord, save: RecurringSave, now: number): Promise<RecurringOutcome> {
    const { storage } = this.#options;
    try {
      const [outcome = "stale"] = await storage.saveRecurring([save]);
      return outcome;
    } catch (error) {
      if (!(error instanceof StorageRefusedError)) throw error;
      const [outcome = "stale"] = await storage.saveRecurring([this.#refuse(record, now, error)]);
      return outcome;
    }
  }

  #refuse(record: RecurringRecord, now: number, error: unknown): RecurringSave {
    this.#options.warn(`the recurring job "${record.id}" could not begin its job`, error);
    return recordFailure(record, now, error);
  }
}
