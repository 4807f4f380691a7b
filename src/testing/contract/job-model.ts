import {
  type Change,
  type Claim,
  type ClaimOutcome,
  type CommitOutcome,
  FLAG,
  type GateCondition,
  type Hold,
  type InsertOutcome,
  isFinal,
  type JobLimit,
  type JobRecord,
  type JobState,
  type NewJob,
  type StateCounts,
  type StatisticsHour,
} from "../../storage/index.ts";

/** What the contract says that a job is by now, without its texts and times. */
export interface ModelJob {
  readonly id: string;
  queue: string;
  readonly rank: number;
  state: JobState;
  hold: Hold | null;
  fence: number;
  owner: string | null;
  failures: number;
  crashes: number;
  recovered: boolean;
  blamed: boolean;
  isDue: boolean;
  readonly limit: JobLimit | null;
  parameters: string | null;
  readonly tags: readonly string[];
  /** The entry of the last commit, for replays; null after any other write. */
  lastChange: Change | null;
  /** Parents that have not reached this job with their end. */
  readonly waitsFor: Set<string>;
  readonly parents: ReadonlySet<string>;
  readonly condition: GateCondition;
}

type Place = Pick<ModelJob, "state" | "hold">;
const READY: Place = { state: "Enqueued", hold: null };

/** The contract as the shortest program that keeps it: one map, and a walk over all of it for every question. */
export class JobModel {
  readonly jobs: Map<string, ModelJob> = new Map();
  readonly statistics: { -readonly [Kind in Exclude<keyof StatisticsHour, "at">]: number } = {
    succeeded: 0,
    failed: 0,
    deleted: 0,
    retried: 0,
  };
  /** The numbers that the store has given by now: in which order it readied what one write readied is its own choice. */
  #seqs: ReadonlyMap<string, number> = new Map();

  /** To be called between what the store did and what the model makes of it. */
  learnSeqs(rows: readonly JobRecord[]): void {
    this.#seqs = new Map(rows.map(({ id, seq }) => [id, seq]));
  }

  insert(job: NewJob): InsertOutcome["outcome"] {
    if (this.jobs.has(job.id)) return "exists";
    const parents = new Set(job.gate?.parents);
    const found = [...parents].flatMap((id) => this.jobs.get(id) ?? []);
    if (found.length < parents.size) return "parent-not-found";
    const waitsFor = new Set(found.filter(({ state }) => !isFinal(state)).map(({ id }) => id));
    const { id, queue, rank, due, limit = null, parameters = null, tags = [] } = job;
    const condition = job.gate?.condition ?? "succeeded";
    const isDue = due !== undefined && "at" in due;
    const attached = { limit, parameters, tags, parents, waitsFor, condition };
    const stored: ModelJob = { ...FRESH, ...READY, id, queue, rank, isDue, ...attached };
    const isBroken = found.some(({ state }) => isFinal(state) && !meets(condition, state));
    Object.assign(stored, this.#firstPlace(stored, due !== undefined, isBroken));
    this.jobs.set(id, stored);
    this.#count(stored.state);
    return "inserted";
  }

  #firstPlace(job: ModelJob, isScheduled: boolean, isBroken: boolean): Place {
    if (isScheduled) return { state: "Scheduled", hold: "due" };
    if (isBroken) return { state: "Deleted", hold: null };
    return job.waitsFor.size > 0 ? { state: "Awaiting", hold: "gate" } : this.#admission(job);
  }

  /** Where a job goes that nothing but its limit holds. */
  #admission(job: ModelJob): Place {
    const { limit } = job;
    if (limit === null) return READY;
    const others = this.#ofKey(limit.key).filter((other) => other !== job);
    const inUse = others.filter(isOnItsWay).length;
    const isFirst = others.every((other) => other.hold !== "limit" || this.#byPlace(job, other) < 0);
    if (inUse < limit.max && isFirst) return READY;
    return limit.whenFull === "wait"
      ? { state: "Enqueued", hold: "limit" }
      : { state: "Deleted", hold: null };
  }

  /** Whoever waits and may be admitted is. */
  #admitWaiters(key: string | undefined): void {
    if (key === undefined) return;
    for (;;) {
      const jobs = this.#ofKey(key);
      const [first] = jobs.filter(({ hold }) => hold === "limit").sort((a, b) => this.#byPlace(a, b));
      if (first === undefined || jobs.filter(isOnItsWay).length >= (first.limit?.max ?? 0)) return;
      this.#write(first, READY);
    }
  }

  #ofKey(key: string): ModelJob[] {
    return [...this.jobs.values()].filter(({ limit }) => limit?.key === key);
  }

  #byPlace(a: ModelJob, b: ModelJob): number {
    return a.rank - b.rank || this.#seqOf(a) - this.#seqOf(b);
  }

  #seqOf({ id }: ModelJob): number {
    return this.#seqs.get(id) ?? 0;
  }

  hold(ids: readonly string[], owner: string, slots: number): void {
    for (const [nth, id] of ids.entries()) {
      const job = this.jobs.get(id);
      if (job === undefined) continue;
      const blamed = nth < slots && job.crashes < 2;
      this.#write(job, { state: "Processing", hold: null, owner, blamed });
    }
  }

  letGo(claim: Claim, hold: Hold | null): ClaimOutcome {
    const job = this.#held(claim);
    if (job === undefined) return "stale";
    this.#write(job, { state: "Enqueued", hold, owner: null, blamed: false });
    return "applied";
  }

  blame(claim: Claim): ClaimOutcome {
    const job = this.#held(claim);
    if (job !== undefined) job.blamed = true;
    return job === undefined ? "stale" : "applied";
  }

  attach({ id, fence }: Claim, parameters: string): ClaimOutcome {
    const job = this.jobs.get(id);
    if (job?.fence !== fence) return "stale";
    job.parameters = parameters;
    return "applied";
  }

  #held({ id, fence }: Claim): ModelJob | undefined {
    const job = this.jobs.get(id);
    return job?.fence === fence && job.state === "Processing" ? job : undefined;
  }

  commit(change: Change): CommitOutcome {
    const job = this.jobs.get(change.id);
    if (job === undefined) return "gone";
    if (job.fence !== change.fence) return isReplay(job, change) ? "already" : "stale";
    const { state, queue = job.queue, parameters = job.parameters } = change;
    const failures = job.failures + (change.failed === true ? 1 : 0);
    const entered: Place = { state, hold: state === "Scheduled" ? "due" : null };
    const place = state === "Enqueued" && !isOnItsWay(job) ? this.#admission(job) : entered;
    const settled = { owner: null, recovered: false, blamed: false };
    this.#write(job, { ...place, ...settled, failures, queue, parameters });
    job.isDue = change.due !== undefined && "at" in change.due;
    job.lastChange = change;
    if (change.failed === true && state !== "Failed") this.statistics.retried++;
    if (isFinal(job.state)) this.#resolve(job);
    this.#admitWaiters(job.limit?.key);
    return "applied";
  }

  #resolve(parent: ModelJob): void {
    const ended = [parent];
    const opened: ModelJob[] = [];
    while (ended.length > 0 || opened.length > 0) {
      const next = ended.shift();
      if (next !== undefined) {
        for (const child of this.#reachedBy(next)) {
          if (meets(child.condition, next.state)) opened.push(child);
          else ended.push(this.#write(child, { state: "Deleted", hold: null }));
        }
        continue;
      }
      const [child] = opened.sort((a, b) => this.#seqOf(a) - this.#seqOf(b)).splice(0, 1);
      if (child !== undefined && !this.#ready(child)) ended.push(child);
    }
  }

  /** Children whose gate this end opens or breaks. */
  #reachedBy({ id, state }: ModelJob): ModelJob[] {
    const children = [...this.jobs.values()].filter(({ waitsFor }) => waitsFor.delete(id));
    return children.filter(
      (child) => child.state === "Awaiting" && (child.waitsFor.size === 0 || !meets(child.condition, state)),
    );
  }

  /** False when the job's limit has skipped it. */
  #ready(job: ModelJob): boolean {
    return this.#write(job, this.#admission(job)).state === "Enqueued";
  }

  promote(id: string): void {
    const job = this.jobs.get(id);
    if (job !== undefined && !this.#ready(job)) this.#resolve(job);
  }

  recover(id: string, quarantineAt: number): void {
    const job = this.jobs.get(id);
    if (job === undefined) return;
    const crashes = job.crashes + (job.blamed ? 1 : 0);
    const quarantined = job.blamed && crashes >= quarantineAt;
    const recovered = job.recovered || !quarantined;
    const state = quarantined ? "Failed" : "Enqueued";
    this.#write(job, { state, owner: null, blamed: false, crashes, recovered });
    this.#admitWaiters(job.limit?.key);
  }

  /** A change that the store accepted: the fence rises by one, whatever it was. */
  #write(job: ModelJob, change: Partial<ModelJob>): ModelJob {
    if (change.state !== undefined) this.#count(change.state);
    return Object.assign(job, change, { fence: job.fence + 1, lastChange: null });
  }

  #count(state: JobState): void {
    if (state === "Succeeded") this.statistics.succeeded++;
    if (state === "Failed") this.statistics.failed++;
    if (state === "Deleted") this.statistics.deleted++;
  }

  /** Whether a child that has not finished may still ask for its result. */
  mayBeAsked(id: string): boolean {
    return [...this.jobs.values()].some(({ parents, state }) => parents.has(id) && !isFinal(state));
  }

  readyIn(queue: string): ModelJob[] {
    const isReady = (job: ModelJob) => job.state === "Enqueued" && job.hold === null && job.queue === queue;
    return [...this.jobs.values()].filter(isReady);
  }

  ownedBy(owner: string): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.owner === owner);
  }

  counts(): StateCounts {
    const counts = {
      Enqueued: 0,
      Scheduled: 0,
      Awaiting: 0,
      Processing: 0,
      Succeeded: 0,
      Failed: 0,
      Deleted: 0,
    };
    for (const { state } of this.jobs.values()) counts[state]++;
    return counts;
  }
}

const FRESH = {
  fence: 1,
  owner: null,
  failures: 0,
  crashes: 0,
  recovered: false,
  blamed: false,
  lastChange: null,
};

function isOnItsWay({ state, hold }: Place): boolean {
  return state === "Processing" || (state === "Enqueued" && hold !== "limit");
}

function meets(condition: GateCondition, ending: JobState): boolean {
  return condition === "ended" || (condition === "deleted") === (ending === "Deleted");
}

function isReplay({ fence, lastChange }: ModelJob, change: Change): boolean {
  if (fence !== change.fence + 1 || lastChange === null) return false;
  return lastChange.state === change.state && lastChange.entry === change.entry;
}

/** What model and store must agree on. */
export function essence(job: JobRecord | ModelJob): Partial<ModelJob> {
  const { id, queue, rank, state, hold, fence, owner, failures, crashes } = job;
  const { parameters, tags } = job;
  const limit = job.limit === null ? null : { ...job.limit };
  const recovered = "flags" in job ? (job.flags & FLAG.recovered) !== 0 : job.recovered;
  const attached = { limit, parameters, tags: [...tags] };
  return { id, queue, rank, state, hold, fence, owner, failures, crashes, recovered, ...attached };
}
