import { MemoryStorage } from "../drivers/memory/index.ts";
import type {
  Change,
  CommitOutcome,
  EndedJob,
  InsertOutcome,
  NewJob,
  RecurringOutcome,
  RecurringSave,
  Storage,
} from "../storage/index.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A job as it came into the storage, whatever has become of it since. */
export interface Arrival {
  readonly job: NewJob;
  readonly at: number;
}

/** A memory storage on a virtual clock that remembers which jobs came into it, and into which queues. */
export class TestStorage extends MemoryStorage implements Storage<unknown> {
  readonly #clock: VirtualClock;
  readonly #queues = new Set<string>();
  #arrivals: Arrival[] = [];
  /** Told whose ends somebody waits for. */
  watched: (ids: readonly string[]) => void = () => {};

  constructor(clock: VirtualClock) {
    super({ now: () => clock.now });
    this.#clock = clock;
  }

  /** Oldest first. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** All queues that a job was ever put into. */
  get queues(): readonly string[] {
    return [...this.#queues];
  }

  forget(): void {
    this.#arrivals = [];
    this.#queues.clear();
  }

  /** Code under test may pass its transaction: there is none here that could hold anything back. */
  accepts(_tx: unknown): boolean {
    return true;
  }

  override async insert(jobs: readonly NewJob[], _tx?: unknown): Promise<InsertOutcome[]> {
    const outcomes = await super.insert(jobs);
    this.#note(jobs.filter((_, at) => outcomes[at]?.outcome === "inserted"));
    return outcomes;
  }

  override async saveRecurring(saves: readonly RecurringSave[]): Promise<RecurringOutcome[]> {
    const outcomes = await super.saveRecurring(saves);
    for (const [at, { jobs = [] }] of saves.entries()) if (outcomes[at] === "applied") this.#note(jobs);
    return outcomes;
  }

  /** Within a transaction nothing is written yet: the end of the run does it, unless it throws, as a rollback would. */
  override async commit(changes: readonly Change[], tx?: unknown): Promise<CommitOutcome[]> {
    if (tx !== undefined) return changes.map(() => "applied");
    for (const { queue } of changes) if (queue !== undefined) this.#queues.add(queue);
    return super.commit(changes);
  }

  override async watch(ids: readonly string[]): Promise<EndedJob[]> {
    this.watched(ids);
    return super.watch(ids);
  }

  #note(jobs: readonly NewJob[]): void {
    for (const job of jobs) {
      this.#queues.add(job.queue);
      this.#arrivals.push({ job, at: this.#clock.now });
    }
  }
}
