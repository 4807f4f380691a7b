import {
  type Change,
  type Claim,
  type ClaimOutcome,
  type CommitOutcome,
  FLAG,
  type Hold,
  type InsertOutcome,
  isFinal,
  type JobRecord,
  type JobState,
  type NewJob,
  type StateCounts,
} from "../../storage/index.ts";

/** What the contract says that a job is by now, without its texts and times. */
export interface ModelJob {
  readonly id: string;
  readonly queue: string;
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
  /** The entry of the last commit, for replays; null after any other write. */
  lastChange: Change | null;
  /** Parents that have not reached this job with their end. */
  readonly waitsFor: Set<string>;
  readonly parents: ReadonlySet<string>;
}

/** The contract as the shortest program that keeps it: one map, and a walk over all of it for every question. */
export class JobModel {
  readonly jobs: Map<string, ModelJob> = new Map();

  insert(job: NewJob): InsertOutcome["outcome"] {
    if (this.jobs.has(job.id)) return "exists";
    const parents = new Set(job.gate?.parents);
    const found = [...parents].flatMap((id) => this.jobs.get(id) ?? []);
    if (found.length < parents.size) return "parent-not-found";
    const waitsFor = new Set(found.filter(({ state }) => state !== "Succeeded").map(({ id }) => id));
    const isBroken = found.some(({ state }) => state === "Deleted");
    const { id, queue, rank, due } = job;
    const held: Pick<ModelJob, "state" | "hold"> =
      due !== undefined
        ? { state: "Scheduled", hold: "due" }
        : isBroken
          ? { state: "Deleted", hold: null }
          : waitsFor.size > 0
            ? { state: "Awaiting", hold: "gate" }
            : { state: "Enqueued", hold: null };
    const isDue = due !== undefined && "at" in due;
    this.jobs.set(id, { ...FRESH, id, queue, rank, ...held, isDue, parents, waitsFor });
    return "inserted";
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

  #held({ id, fence }: Claim): ModelJob | undefined {
    const job = this.jobs.get(id);
    return job?.fence === fence && job.state === "Processing" ? job : undefined;
  }

  commit(change: Change): CommitOutcome {
    const job = this.jobs.get(change.id);
    if (job === undefined) return "gone";
    if (job.fence !== change.fence) return isReplay(job, change) ? "already" : "stale";
    const { state } = change;
    const failures = job.failures + (change.failed === true ? 1 : 0);
    const hold = state === "Scheduled" ? "due" : null;
    this.#write(job, { state, hold, failures, owner: null, recovered: false, blamed: false });
    job.isDue = change.due !== undefined && "at" in change.due;
    job.lastChange = change;
    if (isFinal(state)) this.#resolve(job);
    return "applied";
  }

  #resolve(parent: ModelJob): void {
    for (const child of this.jobs.values()) {
      if (!child.waitsFor.delete(parent.id) || child.state !== "Awaiting") continue;
      if (parent.state === "Deleted") {
        this.#write(child, { state: "Deleted", hold: null });
        this.#resolve(child);
      } else if (child.waitsFor.size === 0) this.#write(child, { state: "Enqueued", hold: null });
    }
  }

  promote(id: string): void {
    const job = this.jobs.get(id);
    if (job !== undefined) this.#write(job, { state: "Enqueued", hold: null });
  }

  recover(id: string, quarantineAt: number): void {
    const job = this.jobs.get(id);
    if (job === undefined) return;
    const crashes = job.crashes + (job.blamed ? 1 : 0);
    const quarantined = job.blamed && crashes >= quarantineAt;
    const recovered = job.recovered || !quarantined;
    this.#write(job, {
      state: quarantined ? "Failed" : "Enqueued",
      owner: null,
      blamed: false,
      crashes,
      recovered,
    });
  }

  /** A change that the store accepted: the fence rises by one, whatever it was. */
  #write(job: ModelJob, change: Partial<ModelJob>): void {
    Object.assign(job, change, { fence: job.fence + 1, lastChange: null });
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

function isReplay({ fence, lastChange }: ModelJob, change: Change): boolean {
  if (fence !== change.fence + 1 || lastChange === null) return false;
  return lastChange.state === change.state && lastChange.entry === change.entry;
}

/** What model and store must agree on. */
export function essence(job: JobRecord | ModelJob): Partial<ModelJob> {
  const { id, queue, rank, state, hold, fence, owner, failures, crashes } = job;
  const recovered = "flags" in job ? (job.flags & FLAG.recovered) !== 0 : job.recovered;
  return { id, queue, rank, state, hold, fence, owner, failures, crashes, recovered };
}
