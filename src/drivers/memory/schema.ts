import type {
  Appendices,
  DocumentRecord,
  GateCondition,
  Hold,
  JobRecord,
  JobState,
  QueuePause,
  ServerAnnouncement,
  ServerCommand,
} from "../../storage/index.ts";
import type { Ending } from "../shared/gate-conditions.ts";
import { RecurringTable } from "./recurring-table.ts";
import { SignalHub } from "./signal.ts";
import { SortedList } from "./sorted-list.ts";
import { Statistics } from "./statistics.ts";

/** What a gated job waits for. It outlives its opening: `parents` answers from it. */
export interface Gate {
  /** As the job was given them: one that was named twice stands at both places. */
  readonly parents: readonly string[];
  readonly condition: GateCondition;
  /** Parents that have not been counted as ended. */
  readonly open: number;
}

/** A server's announcement and its lease. */
export interface ServerRow extends ServerAnnouncement {
  readonly startedAt: number;
  readonly renewedAt: number;
  readonly steadySince: number;
  readonly vitals: string | null;
  readonly command: ServerCommand | null;
}

/** Waiters of one parent that its end has not reached yet: a release record, once it is written down. */
export interface Resolution {
  readonly ending: Ending;
  readonly waiters: readonly string[];
}

/** The columns that indices are ordered by. */
export type Place = Pick<JobRecord, "hold" | "queue" | "name" | "rank" | "seq" | "dueAt" | "stateAt">;
export type Index = SortedList<Place, JobRecord>;

/**
 * The tables and indices of one storage, shared by all its handles. Rows are frozen and replaced, never changed, so
 * that what a caller was given stays as it was; `put` and `remove` are the only writers of jobs and keep every index.
 */
export class Tables {
  readonly clock: () => number;
  readonly signals: SignalHub = new SignalHub();
  readonly servers: Map<string, ServerRow> = new Map();

  readonly pauses: Map<string, QueuePause> = new Map();
  /** By kind, then by id. */
  readonly documents: Map<string, Map<string, DocumentRecord>> = new Map();
  readonly recurring: RecurringTable = new RecurringTable();
  readonly statistics: Statistics = new Statistics();

  readonly #jobs: Map<string, JobRecord> = new Map();
  /** Claimed jobs that a crash of their owner counts for. */
  readonly blamed: Set<string> = new Set();
  readonly appendices: Map<string, Appendices> = new Map();

  /** By child. */
  readonly gates: Map<string, Gate> = new Map();
  /** Children by parent: those that its end has not reached, and all that are kept. */
  readonly waiters: Map<string, Set<string>> = new Map();
  readonly children: Map<string, Set<string>> = new Map();
  /** Release records, oldest first. */
  readonly releases: Resolution[] = [];

  /** Jobs that are on their way, by the key of their limit. */
  readonly #permits: Map<string, Set<string>> = new Map();
  /** Jobs that wait for a permit, by key. */
  readonly #waiting: Map<string, Index> = new Map();
  /** Keys whose waiters one write could not admit all. */
  readonly unadmitted: Set<string> = new Set();

  /** Enqueued jobs, those that are held behind all that are ready: what claims take from. */
  readonly enqueued: Index = new SortedList(byQueue);
  /** Parked jobs by queue and name: no server has to look at those whose name it does not know. */
  readonly parked: Index = new SortedList(byShelf);
  readonly due: Index = new SortedList(byDue);
  /** Claimed jobs by owner. */
  readonly owned: Map<string, Set<string>> = new Map();
  /** All jobs, by state: the sizes are the counters. */
  readonly states: Readonly<Record<JobState, Index>> = {
    Enqueued: new SortedList(byStateAt),
    Scheduled: new SortedList(byStateAt),
    Awaiting: new SortedList(byStateAt),
    Processing: new SortedList(byStateAt),
    Succeeded: new SortedList(byStateAt),
    Failed: new SortedList(byStateAt),
    Deleted: new SortedList(byStateAt),
  };
  #seq = 0;

  constructor(clock: () => number) {
    this.clock = clock;
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  find(id: string): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  /** The job, if this is still its fence: the guard of every write by an owner. */
  guarded({ id, fence }: { readonly id: string; readonly fence: number }): JobRecord | undefined {
    const job = this.#jobs.get(id);
    return job?.fence === fence ? job : undefined;
  }

  put(next: JobRecord): JobRecord {
    const before = this.#jobs.get(next.id);
    if (before !== undefined) this.#unindex(before);
    const row = Object.freeze(next);
    this.#jobs.set(row.id, row);
    this.#index(row);
    if (before?.fence !== row.fence) this.statistics.entered(row.state, row.stateAt);
    this.signals.raiseFor(before, row);
    return row;
  }

  /** The job with everything kept beside it. */
  remove(job: JobRecord): void {
    this.#unindex(job);
    this.#jobs.delete(job.id);
    this.blamed.delete(job.id);
    this.appendices.delete(job.id);
    for (const parent of this.gates.get(job.id)?.parents ?? []) {
      dropFrom(this.waiters, parent, job.id);
      dropFrom(this.children, parent, job.id);
    }
    this.gates.delete(job.id);
    this.children.delete(job.id);
  }

  permitsInUse(key: string): number {
    return this.#permits.get(key)?.size ?? 0;
  }

  /** In the order in which they are to be admitted. */
  waitersFor(key: string): Iterable<JobRecord> {
    return this.#waiting.get(key)?.after(undefined) ?? [];
  }

  #index(row: JobRecord): void {
    for (const index of this.#indicesOf(row)) index.add(row);
    if (row.owner !== null) addTo(this.owned, row.owner, row.id);
    if (row.limit !== null) this.#indexLimited(row, row.limit.key);
  }

  #indexLimited(row: JobRecord, key: string): void {
    if (isOnItsWay(row)) addTo(this.#permits, key, row.id);
    if (row.hold !== "limit") return;
    const waiting = this.#waiting.get(key) ?? new SortedList(byRank);
    this.#waiting.set(key, waiting);
    waiting.add(row);
  }

  #unindex(row: JobRecord): void {
    for (const index of this.#indicesOf(row)) index.delete(row);
    if (row.owner !== null) dropFrom(this.owned, row.owner, row.id);
    if (row.limit !== null) this.#unindexLimited(row, row.limit.key);
  }

  #unindexLimited(row: JobRecord, key: string): void {
    if (isOnItsWay(row)) dropFrom(this.#permits, key, row.id);
    if (row.hold !== "limit") return;
    const waiting = this.#waiting.get(key);
    waiting?.delete(row);
    if (waiting?.size === 0) this.#waiting.delete(key);
  }

  #indicesOf({ state, hold }: JobRecord): Index[] {
    const byState = this.states[state];
    if (hold === "due") return [byState, this.due];
    if (hold === "unknown") return [byState, this.enqueued, this.parked];
    return state === "Enqueued" ? [byState, this.enqueued] : [byState];
  }
}

/** Ready, parked or Processing: such a job has a permit of its key, if it has a limit. */
export function isOnItsWay({ state, hold }: JobRecord): boolean {
  return state === "Processing" || (state === "Enqueued" && hold !== "limit");
}

/** Order within a queue: the rank, then the order in which the store took the jobs. */
export function byRank(a: Place, b: Place): number {
  return a.rank - b.rank || a.seq - b.seq;
}

function byQueue(a: Place, b: Place): number {
  return shelfOf(a.hold) - shelfOf(b.hold) || byText(a.queue, b.queue) || byRank(a, b);
}

function shelfOf(hold: Hold | null): number {
  return hold === null ? 0 : hold === "limit" ? 2 : 1;
}

function byShelf(a: Place, b: Place): number {
  return byText(a.queue, b.queue) || byText(a.name, b.name) || byRank(a, b);
}

function byDue(a: Place, b: Place): number {
  return (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.seq - b.seq;
}

function byStateAt(a: Place, b: Place): number {
  return a.stateAt - b.stateAt || a.seq - b.seq;
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The place before all jobs that are ready in a queue; with a name, before those parked there under it. */
export function startOf(queue: string, name = ""): Place {
  return { hold: null, queue, name, rank: Number.NEGATIVE_INFINITY, seq: 0, dueAt: null, stateAt: 0 };
}

export function addTo(sets: Map<string, Set<string>>, key: string, id: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([id]));
  else set.add(id);
}

function dropFrom(sets: Map<string, Set<string>>, key: string, id: string): void {
  const set = sets.get(key);
  set?.delete(id);
  if (set?.size === 0) sets.delete(key);
}
