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
import { saveAndTell } from "./save-and-tell.ts";

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
  /** By this process's own steady clock. */
  #givesWayUntil = 0;

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
    const saves = due.map((record) => this.#fire(record, now, most));
    try {
      return await saveAndTell(storage, saves);
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

  /** One of them holds what the engine cannot: it alone is not fired, and the others have their turn. */
  async #saveEach(
    due: readonly RecurringRecord[],
    saves: readonly RecurringSave[],
    now: number,
  ): Promise<RecurringOutcome[]> {
    const outcomes: RecurringOutcome[] = [];
    const hopeless: StorageRefusedError[] = [];
    for (const [at, record] of due.entries()) {
      const save = saves[at];
      if (save === undefined) continue;
      const first = await this.#saveOne(save);
      const last = first instanceof Error ? await this.#saveOne(this.#refuse(record, now, first)) : first;
      if (last instanceof Error) hopeless.push(last);
      else outcomes.push(last);
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
