import { nextTurn, TurnClock } from "../../base/turn.ts";
import type { FilterChains } from "../../filters/filter-chain.ts";
import type { JobRegistry } from "../../job/registry.ts";
import { type Appendix, type ParentRecord, StorageRefusedError } from "../../storage/index.ts";
import { type Activate, Activator } from "../perform/activator.ts";
import { ClaimLostError, JobCancelledError, ServerStoppingError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import { JobRunner } from "../perform/job-runner.ts";
import { meaningOf, unreplaced } from "../perform/judge.ts";
import { Performer } from "../perform/performer.ts";
import type { Verdict } from "../perform/verdict.ts";
import { StartGate } from "./start-gate.ts";
import { ThreadLog } from "./thread-log.ts";
import {
  type AbortKind,
  errorOf,
  type FromThread,
  type ParentsAnswer,
  problemOf,
  type Report,
  sharedNow,
  type ThreadRun,
  type ThreadStart,
  type ToThread,
} from "./thread-protocol.ts";

/** A message costs as much as a job that does nothing: short jobs share one. */
const GATHER_MS = 1;
/** Work without a pause for this long would keep what the server says unheard. */
const SLICE_MS = 4;

export interface ThreadRunnerParts {
  readonly start: ThreadStart;
  readonly registry: JobRegistry;
  readonly activate: Activate | undefined;
  readonly chains: FilterChains;
  readonly post: (message: FromThread) => void;
}

/** Runs jobs in a thread, one after the other, and reports what they came to. */
export class ThreadRunner {
  readonly #parts: ThreadRunnerParts;
  readonly #gate: StartGate;
  readonly #runner: JobRunner;
  readonly #log = new ThreadLog((appendix) => this.#say(appendix));
  readonly #turn = new TurnClock();
  readonly #queue: ThreadRun[] = [];
  /** Names whose last run was short, so that the next one is expected to be. */
  readonly #short = new Set<string>();
  readonly #aborted = new Map<number, AbortKind>();
  readonly #asked = new Map<number, (answer: ParentsAnswer) => void>();
  #isWorking = false;
  #current: { readonly number: number; readonly run: JobRun } | undefined;
  #reports: Report[] = [];
  #gatherUntil = 0;

  constructor(parts: ThreadRunnerParts) {
    this.#parts = parts;
    this.#gate = new StartGate(parts.start.gate);
    const storage = { parents: (ids: readonly string[]) => this.#parentsOf(ids) };
    const disposalFailed = (run: JobRun, error: unknown) =>
      this.#warn(`disposing of the instance of job ${run.id} (${run.name}) failed`, error);
    // The server stops this thread when a run does not end: until then nothing may begin beside it.
    const late = "is waited for";
    const performer = new Performer(storage, new Activator(parts.activate), disposalFailed, late);
    const { server, maxResultBytes } = parts.start;
    const filterFailed = ({ id, name }: JobRun, filter: string, error: unknown) =>
      this.#warn(`the filter "${filter}" threw when it was told of the error of job ${id} (${name})`, error);
    const judging = { server, maxResultBytes };
    this.#runner = new JobRunner({ performer, chains: parts.chains, judging, filterFailed });
    // What has ended before code of a job calls process.exit has ended, and what was said was said.
    process.on("exit", () => {
      this.#log.flush();
      this.#flush();
    });
  }

  hear(message: ToThread): void {
    if (message.kind === "run") this.#take(message.runs);
    else if (message.kind === "abort") this.#abort(message.number, message.why);
    else if (message.kind === "parents") this.#asked.get(message.number)?.(message);
    else this.#answer();
  }

  #take(runs: readonly ThreadRun[]): void {
    for (const run of runs) this.#queue.push(run);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      await this.#perform(next);
      this.#queue.shift();
      if (this.#turn.elapsed() > SLICE_MS) {
        this.#flush();
        await nextTurn();
      }
    }
    this.#isWorking = false;
    this.#flush();
  }

  async #perform({ number, claim, waited, sentAt }: ThreadRun): Promise<void> {
    // While a run keeps this thread busy, nothing can be told of those before it.
    if (!this.#short.has(claim.name)) this.#flush();
    if (!this.#gate.pass(number)) {
      this.#aborted.delete(number);
      return;
    }
    const run = new JobRun(claim, this.#log);
    run.waited = waited + Math.max(Math.round(sharedNow() - sentAt), 0);
    this.#current = { number, run };
    this.#log.begin(run);
    const why = this.#aborted.get(number);
    if (why !== undefined) this.#abort(number, why);
    const verdict = await this.#run(run);
    this.#log.end();
    this.#current = undefined;
    this.#aborted.delete(number);
    this.#asked.delete(number);
    this.#report({ kind: "ended", number, verdict });
  }

  async #run(run: JobRun): Promise<Verdict> {
    const job = this.#parts.registry.find(run.name);
    if (job === undefined) throw new Error(`no job ${run.name} is registered`);
    // A run that was told to end before it began does not begin.
    if (run.abortReason !== undefined) return this.#notBegun(run);
    const from = performance.now();
    const verdict = await this.#runner.run(run, job);
    if (performance.now() - from < GATHER_MS) this.#short.add(run.name);
    else this.#short.delete(run.name);
    return verdict;
  }

  #notBegun(run: JobRun): Verdict {
    const { server, maxResultBytes } = this.#parts.start;
    const outcome = { ok: false, thrown: run.abortReason } as const;
    return unreplaced(meaningOf(run, outcome, 0, { server, maxResultBytes }).candidate, 0);
  }

  #abort(number: number, why: AbortKind): void {
    if (this.#current?.number !== number) {
      if (this.#queue.some((queued) => queued.number === number)) this.#aborted.set(number, why);
      return;
    }
    const { run } = this.#current;
    run.abort(this.#reasonOf(why, run));
  }

  #reasonOf(why: AbortKind, { name }: JobRun): Error {
    if (why === "stopping") return new ServerStoppingError(this.#parts.start.server);
    return why === "deleted" ? new JobCancelledError(name) : new ClaimLostError(name);
  }

  /** The server has the storage: it is asked, and waits for a storage that does not answer. */
  #parentsOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly ParentRecord[]>> {
    const [id = ""] = ids;
    if (this.#current?.run.id !== id) return Promise.resolve(new Map());
    const { number } = this.#current;
    return new Promise((resolve, reject) => {
      this.#asked.set(number, ({ records, problem }) => {
        this.#asked.delete(number);
        if (problem === undefined) resolve(new Map([[id, records]]));
        // The server has insisted already: as a refusal it is not asked for again.
        else reject(new StorageRefusedError("of the server", errorOf(problem)));
      });
      this.#reportNow({ kind: "parents", number });
    });
  }

  #say(appendix: Appendix): void {
    if (this.#current === undefined) return;
    this.#reportNow({ kind: "appended", number: this.#current.number, appendices: [appendix] });
  }

  /** Told at once, and so only when this thread can hear. */
  #answer(): void {
    this.#reportNow({ kind: "there" });
  }

  #warn(text: string, error: unknown): void {
    this.#reportNow({ kind: "warning", text, problem: problemOf(error) });
  }

  #report(report: Report): void {
    const now = performance.now();
    if (this.#reports.length === 0) {
      this.#gatherUntil = now + GATHER_MS;
      // Whatever comes next may wait for something: then the loop turns, and this is told.
      setImmediate(() => this.#flush());
    }
    this.#reports.push(report);
    if (now >= this.#gatherUntil) this.#flush();
  }

  /** Sent even if the loop never turns again, and behind what was gathered before it. */
  #reportNow(report: Report): void {
    this.#reports.push(report);
    this.#flush();
  }

  #flush(): void {
    if (this.#reports.length === 0) return;
    this.#parts.post({ kind: "reports", reports: this.#reports });
    this.#reports = [];
  }
}
