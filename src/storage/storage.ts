import type { StorageAdmin } from "./admin.ts";
import type { Appendices, Appendix } from "./append.ts";
import type { AdoptRequest, Claim, ClaimedJob, ClaimRequest, LostClaim } from "./claim.ts";
import type { Change, ClaimOutcome, CommitOutcome } from "./commit.ts";
import type { ExpireRequest, ExpireResult } from "./expire.ts";
import type { InsertOutcome, NewJob } from "./insert.ts";
import type { JobRecord } from "./job-record.ts";
import type { RecoverRequest, RecoverResult, ServerAnnouncement, ServerRecord } from "./lease.ts";
import type { Durability, StorageManifest } from "./manifest.ts";
import type { PromoteResult, ReleaseResult } from "./promote.ts";
import type { EndedJob, ListQuery, Page, ParentRecord, RowCut, StateCounts } from "./read.ts";
import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
} from "./recurring.ts";
import type { SignalListener } from "./signal.ts";
import type { StatisticsHour, StatisticsRange } from "./statistics.ts";

/**
 * Where jobs live: the contract that every storage keeps and one suite proves. Users pass a storage around and close
 * it; only clients, servers and drivers call its verbs.
 *
 * Every verb is plural, guarded and answers per item. Its writes are atomic, whatever dies in between: per call, per
 * item or per bite, as `README.md` beside this file says with the prose behind each rule. A promise resolves after the
 * commit; what `insert` and `commit` have stored is then as durable as `durability` says (claims and leases need to last
 * only as long as the machine that they are about).
 *
 * `Tx` is what `{ tx }` takes: a transaction of the caller's, in the same database. `never` where the engine has none.
 *
 * @example
 * ```ts
 * import type { Storage } from "firelater";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const storage: Storage = new SqliteStorage("jobs.db");
 * await storage.ready;
 * console.log(storage.name, storage.durability.level);
 * await storage.close();
 * ```
 */
export interface Storage<in Tx = never> extends AsyncDisposable {
  /** Engine and place, without passwords: the same text in every process that opens the same jobs. */
  readonly name: string;
  readonly manifest: StorageManifest;
  readonly durability: Durability;
  /**
   * Opened and migrated; with `migrate: false`, an option of each persistent driver, opened as it is. Rejects with a coded
   * error (`FL_SCHEMA_TOO_NEW`, `FL_SCHEMA_TOO_OLD`, `FL_STORE_MISSING`, `FL_STORAGE_FAILED`). Verbs wait for it.
   */
  readonly ready: Promise<void>;
  /** Waits for writes under way, then closes; twice is harmless. Every later verb rejects: `FL_STORAGE_CLOSED`. */
  close(): Promise<void>;

  // ---- jobs come in -----------------------------------------------------------------------------------------------
  /**
   * Stores up to `maxRows` jobs, within `tx` where it is given. An outcome per job, in order. Rejects with
   * `FL_STORAGE_REFUSED` for bad data.
   */
  insert(jobs: readonly NewJob[], tx?: Tx): Promise<InsertOutcome[]>;
  /** Whether `insert` and `commit` can write within this. Left out where the engine has no transactions of callers. */
  accepts?(tx: Tx): boolean;

  // ---- a server takes and settles them ------------------------------------------------------------------------------
  /** Takes ready jobs in the order (queue as asked, rank, seq) into Processing. Rejects with `FL_LEASE_LOST`. */
  claim(request: ClaimRequest): Promise<ClaimedJob[]>;
  /** What an incarnation holds: after a claim whose answer was lost, the jobs that it does not know of. */
  held(incarnation: string): Promise<Claim[]>;
  /** Puts claimed jobs of unknown name aside: hold `unknown`, seq kept, one history entry, nothing spent. */
  park(claims: readonly Claim[]): Promise<ClaimOutcome[]>;
  /** Takes parked jobs of known names straight into Processing. Rejects with `FL_LEASE_LOST`. */
  adopt(request: AdoptRequest): Promise<ClaimedJob[]>;
  /** Returns jobs that were never started to their place: no history, nothing spent. */
  giveBack(claims: readonly Claim[]): Promise<ClaimOutcome[]>;
  /** From now on a crash of the server counts for these jobs; written before a job that crashed twice starts alone. */
  blame(claims: readonly Claim[]): Promise<ClaimOutcome[]>;
  /** Applies changes of state, each under its own guard; resolves gates in the same write. Within `tx` if given. */
  commit(changes: readonly Change[], tx?: Tx): Promise<CommitOutcome[]>;
  /** Log lines and progress of running jobs. */
  append(appendices: readonly Appendix[]): Promise<ClaimOutcome[]>;

  // ---- leases ---------------------------------------------------------------------------------------------------
  /** Registers an incarnation with a fresh lease. */
  announce(server: ServerAnnouncement): Promise<void>;
  /** Renews the lease. False when it was judged: announce a new incarnation. */
  heartbeat(incarnation: string): Promise<boolean>;
  /** Ends a lease in an orderly way. Whatever it still holds is recovered like a dead server's. */
  retire(incarnation: string): Promise<void>;
  /** Readies, in one bite, Processing jobs whose owner has no live lease; missing servers included. */
  recover(request: RecoverRequest): Promise<RecoverResult>;
  /** Which of these claims are no longer the caller's, and what became of the jobs. */
  check(claims: readonly Claim[]): Promise<LostClaim[]>;

  // ---- what time and gates ready --------------------------------------------------------------------------------
  /** Readies up to `limit` jobs whose due time has come; never one before it. */
  promote(limit: number): Promise<PromoteResult>;
  /** Works off waiters that a commit left behind: at most `limit`. */
  release(limit: number): Promise<ReleaseResult>;

  // ---- recurring jobs -------------------------------------------------------------------------------------------
  /** Writes recurring jobs and the jobs that they begin, each guarded by its version. An outcome per save, in order. */
  saveRecurring(saves: readonly RecurringSave[]): Promise<RecurringOutcome[]>;
  /** At most `limit` recurring jobs whose time has come, and when to look again. */
  dueRecurring(limit: number): Promise<DueRecurring>;
  getRecurring(ids: readonly string[]): Promise<RecurringRecord[]>;
  listRecurring(query: RecurringQuery): Promise<RecurringRecord[]>;

  // ---- reading and cleaning ---------------------------------------------------------------------------------------
  /** The jobs of these ids, without those that are gone; at most `maxRows` ids. With `cut` no more of their long texts. */
  get(ids: readonly string[], cut?: RowCut): Promise<JobRecord[]>;
  /** Which of these jobs are at rest or gone, with their results and nothing else; at most `maxRows` ids. */
  watch(ids: readonly string[]): Promise<EndedJob[]>;
  /** What `append` stored for a job. */
  appendices(id: string): Promise<Appendices>;
  /** For each gated job its parents in order. */
  parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly ParentRecord[]>>;
  list(query: ListQuery): Promise<Page>;
  /** Jobs by state, from counters: as cheap at ten million jobs as at none. */
  counts(): Promise<StateCounts>;
  /** What happened hour by hour, from counters, oldest first; hours in which nothing did are left out. */
  statistics(range: StatisticsRange): Promise<StatisticsHour[]>;
  servers(): Promise<ServerRecord[]>;
  /** Removes, in one bite, jobs of one state that are out of date. */
  expire(request: ExpireRequest): Promise<ExpireResult>;
  /** The store's clock. */
  now(): Promise<number>;

  /** What people need to see and steer it all. */
  readonly admin: StorageAdmin;
  /** Hears wake-ups until the returned function is called. */
  subscribe(listener: SignalListener): () => void;
  /**
   * A module that renews one lease from a thread of its own, so that a busy event loop does not lose it. Left out where
   * the driver cannot open a second connection; the lease is then renewed on the event loop.
   */
  leaseThread?(): LeaseThread | undefined;
}

/** A worker-thread entry: it gets `workerData` plus `{ incarnation, intervalMs }` and posts `LeaseThreadMessage`s. */
export interface LeaseThread {
  readonly url: URL;
  readonly workerData: Readonly<Record<string, unknown>>;
}

/** What a lease thread posts after each renewal: renewed, judged meanwhile, or failed (and it will try again). */
export type LeaseThreadMessage =
  | { readonly kind: "renewed" }
  | { readonly kind: "judged" }
  | { readonly kind: "failed"; readonly message: string };
