import type { Logger } from "../base/logger.ts";
import { TurnClock } from "../base/turn.ts";
import type { Claim, ClaimedJob, Storage } from "../storage/index.ts";
import type { Fetched, Fetcher } from "./fetch/fetcher.ts";
import { Isolation } from "./fetch/isolation.ts";
import type { Executor } from "./perform/executor.ts";
import { JobRun, type RunCompleter } from "./perform/job-context.ts";
import type { RunLog } from "./perform/run-log.ts";
import type { NotBegun, Verdict } from "./perform/verdict.ts";
import type { ServerEventHub } from "./server-events.ts";
import type { Committer } from "./settle/committer.ts";
import { RunEnds } from "./settle/run-ends.ts";

/** Work without a pause for this long would hold up timers and sockets of the process: then the loop has its turn. */
const SLICE_MS = 4;

export interface WorkerParts {
  readonly storage: Storage;
  readonly executor: Executor;
  readonly committer: Committer;
  readonly runLog: RunLog;
  readonly completer: RunCompleter | undefined;
  readonly events: ServerEventHub;
  readonly logger: Logger;
}

function nobody(): void {}

/**
 * Runs jobs in the slots of its executor. A slot is free again when the run has ended; that its end is stored is the
 * committer's concern, whose backlog is bounded.
 */
export class Worker {
  readonly runs = new Set<JobRun>();
  readonly #parts: WorkerParts;
  readonly #isolation: Isolation;
  readonly #ends: RunEnds;
  /** Fences of the claims that are not settled yet, by job. */
  readonly #claims = new Map<string, number>();
  readonly #abandoned = new WeakSet<JobRun>();
  #fetcher: Fetcher | undefined;
  readonly #turn = new TurnClock();
  #pumping = false;
  #resting = false;
  /** Claims on their way out: settled or put aside, and neither stored nor given up. */
  #leaving = 0;
  #allEnded: (() => void) | undefined;
  #allStored: (() => void) | undefined;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#isolation = new Isolation(parts.storage, () => this.pump());
    this.#ends = new RunEnds({ ...parts, lost: (doing, job, error) => this.#lost(doing, job, error) });
  }

  /** The fetcher and the worker need each other: the worker is made first. */
  feedFrom(fetcher: Fetcher): void {
    this.#fetcher = fetcher;
  }

  /** Slots in which a job would start at once. */
  freeSlots(): number {
    return this.#mayStart() ? Math.max(this.#parts.executor.slots - this.runs.size, 0) : 0;
  }

  /** Starts what can be started. Bounded in time, so that a flood of short jobs leaves the event loop its turns. */
  pump(): void {
    if (this.#pumping || this.#resting) return;
    this.#pumping = true;
    try {
      this.#startAll();
    } finally {
      this.#pumping = false;
    }
  }

  /** What runs the jobs can take more of them than before. */
  roomFreed(): void {
    this.pump();
    this.#fetcher?.slotFreed();
  }

  /** Resolves when no job runs any more. */
  async ended(): Promise<void> {
    while (this.runs.size > 0) await new Promise<void>((resolve) => (this.#allEnded = resolve));
  }

  /** Resolves when everything that has ended so far, or was put aside, is stored or given up. */
  async stored(): Promise<void> {
    while (this.#leaving > 0) await new Promise<void>((resolve) => (this.#allStored = resolve));
  }

  /** Whether a claim came here and is not settled yet. */
  knows({ id, fence }: Claim): boolean {
    return this.#claims.get(id) === fence;
  }

  /** Asks the runs to end, and those that have not begun not to begin. */
  abortAll(reason: Error): void {
    for (const run of this.runs) run.abort(reason);
    this.#isolation.giveUp();
  }

  /** Forgets the runs that have not ended: whatever they come to is settled elsewhere. */
  abandonRuns(): JobRun[] {
    const runs = [...this.runs];
    for (const run of runs) this.#abandoned.add(run);
    this.runs.clear();
    return runs;
  }

  #mayStart(): boolean {
    const isBackedUp = this.#parts.committer.backlog >= this.#parts.storage.manifest.maxRows;
    return !this.#isolation.isActive && !isBackedUp;
  }

  #startAll(): void {
    while (this.#mayStart() && this.#parts.executor.hasRoom(this.runs.size)) {
      const fetched = this.#fetcher?.take();
      if (fetched === undefined) return;
      this.#start(fetched);
      if (this.#turn.elapsed() > SLICE_MS) {
        this.#rest();
        return;
      }
    }
  }

  #rest(): void {
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.pump();
    });
  }

  #start({ job: claim, since }: Fetched): void {
    const { executor } = this.#parts;
    this.#claims.set(claim.id, claim.fence);
    if (!executor.knows(claim.name)) {
      void this.#park(claim);
      return;
    }
    const run = new JobRun(claim, this.#parts.runLog, this.#parts.completer);
    this.runs.add(run);
    if (this.#isolation.concerns(claim, executor.deathsAreOwn)) void this.#runAlone(run, since);
    else this.#run(run, since);
  }

  async #runAlone(run: JobRun, since: number): Promise<void> {
    this.#isolation.begin(run.claim);
    this.#parts.events.runsAlone(run.claim);
    await this.#fetcher?.giveBackBuffer().catch((error: unknown) => this.#notGivenBack(error));
    await this.#isolation
      .untilAlone(run.claim, () => this.runs.size === 1)
      .catch((error: unknown) =>
        this.#parts.logger.error(`marking the second crash of job ${run.id} (${run.name}) failed`, error),
      );
    if (run.abortReason === undefined) await new Promise<void>((settled) => this.#run(run, since, settled));
    else if (!this.#abandoned.has(run)) await this.#withdraw(run);
    this.#isolation.leave(run.claim);
  }

  /** Asked to end before it began: it goes back as it came. */
  async #withdraw(run: JobRun): Promise<void> {
    await this.#fetcher?.returns.giveBack([run.claim]).catch((error: unknown) => this.#notGivenBack(error));
    this.#release(run.claim);
    this.#end(run);
  }

  #notGivenBack(error: unknown): void {
    this.#parts.logger.warn("giving jobs back failed, trying again", error);
  }

  /** The life of a claimed job, step by step. `settled` is called when its end is stored, or cannot be. */
  #run(run: JobRun, since: number, settled: () => void = nobody): void {
    run.waited = Math.round(performance.now() - since);
    this.#parts.executor.execute(run, (verdict) => this.#settle(run, verdict, settled));
  }

  #settle(run: JobRun, verdict: Verdict | NotBegun, settled: () => void): void {
    if (this.#abandoned.has(run)) settled();
    else if (verdict === "not begun") void this.#withdraw(run).then(settled);
    else {
      this.#leaving++;
      this.#end(run);
      this.#ends.store(run, verdict, () => this.#forget(run, settled));
    }
  }

  #end(run: JobRun): void {
    this.runs.delete(run);
    if (this.runs.size === 0) this.#allEnded?.();
    this.#isolation.runEnded();
    this.roomFreed();
  }

  /** What the run came to is out of this server's hands. */
  #forget(run: JobRun, settled: () => void): void {
    this.#release(run.claim);
    this.#left();
    settled();
    // A commit that was waited for may have been what held up the next start.
    if (this.#parts.committer.backlog === 0) this.pump();
  }

  /** The claim is out of this server's hands, unless it has taken the job anew meanwhile. */
  #release({ id, fence }: Claim): void {
    if (this.#claims.get(id) === fence) this.#claims.delete(id);
  }

  async #park(claim: ClaimedJob): Promise<void> {
    this.#leaving++;
    try {
      if ((await this.#parts.committer.park(claim)) === "applied") this.#parts.events.parked(claim);
    } catch (error) {
      this.#lost("putting aside", claim, error);
    } finally {
      this.#release(claim);
      this.#left();
    }
  }

  #left(): void {
    this.#leaving--;
    if (this.#leaving === 0) this.#allStored?.();
  }

  /**
   * What became of a claim cannot be stored, and this server lives on: the fetcher gives the claim back in one of its
   * next rounds. It is not woken for that: a job whose end is refused again and again must not spin.
   */
  #lost(doing: string, { id, name }: { readonly id: string; readonly name: string }, error: unknown): void {
    this.#parts.logger.error(
      `${doing} of job ${id} (${name}) failed; it is given back or recovered, and runs again`,
      error,
    );
    this.#fetcher?.returns.suspectUnknown();
  }
}
