import {
  type AdoptRequest,
  type Appendices,
  type Appendix,
  type Change,
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitOutcome,
  type DueRecurring,
  type Durability,
  type EndedJob,
  type ExpireRequest,
  type ExpireResult,
  type InsertOutcome,
  type JobRecord,
  type ListQuery,
  type LostClaim,
  type NewJob,
  type Page,
  type ParentRecord,
  type PromoteResult,
  type RecoverRequest,
  type RecoverResult,
  type RecurringOutcome,
  type RecurringQuery,
  type RecurringRecord,
  type RecurringSave,
  type ReleaseResult,
  type RowCut,
  type ServerAnnouncement,
  type ServerRecord,
  type SignalListener,
  type StateCounts,
  type StatisticsHour,
  type StatisticsRange,
  type Storage,
  type StorageAdmin,
  StorageClosedError,
  type StorageManifest,
} from "../../storage/index.ts";
import { refuseUnknownNames } from "../shared/known-options.ts";
import { MemoryAdmin } from "./admin.ts";
import { appendAll, readAppendices } from "./append.ts";
import { adoptJobs, blameJobs, claimJobs, giveBackJobs, parkJobs } from "./claim.ts";
import { commitChanges } from "./commit.ts";
import { expireJobs } from "./expire.ts";
import { releaseWaiters } from "./gates.ts";
import { insertJobs } from "./insert.ts";
import {
  announceServer,
  heldBy,
  listServers,
  lostClaims,
  recoverJobs,
  renewLease,
  retireServer,
} from "./leases.ts";
import { listJobs } from "./list.ts";
import { promoteJobs } from "./promote.ts";
import { countJobs, getJobs, parentsOf, watchJobs } from "./read.ts";
import { dueRecurring, getRecurring, listRecurring, saveRecurring } from "./recurring.ts";
import { Tables } from "./schema.ts";

/** How a memory storage keeps time, and whose jobs it shows. */
export interface MemoryStorageOptions {
  /** The store's clock in Unix milliseconds, for tests that move time. Default: `Date.now`. */
  readonly now?: () => number;
  /** A second handle on the jobs, the clock and the name of this storage. Each handle is closed by itself. */
  readonly sharing?: MemoryStorage;
}

const MAX_ROWS = 1_000;

let storages = 0;

/**
 * Jobs in the memory of one process, for tests and for trying things out: they are gone when the process ends. Every
 * verb runs in one go on the event loop, which makes it atomic without further ado.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "firelater/memory";
 *
 * const storage = new MemoryStorage();
 * console.log(storage.durability.level);
 * await storage.close();
 * ```
 */
export class MemoryStorage implements Storage {
  readonly name: string;
  readonly manifest: StorageManifest = {
    engine: "memory",
    maxRows: MAX_ROWS,
    shared: false,
    persistent: false,
  };
  readonly durability: Durability = { level: "none", setting: "memory" };
  readonly ready: Promise<void> = Promise.resolve();
  readonly admin: StorageAdmin = new MemoryAdmin(() => this.#open());
  readonly #tables: Tables;
  readonly #subscriptions: Set<() => void> = new Set();
  #closed = false;

  /** @throws InvalidStorageOptionsError `FL_INVALID_STORAGE_OPTIONS`. */
  constructor(options: MemoryStorageOptions = {}) {
    refuseUnknownNames(options, { now: true, sharing: true }, "the options of a memory storage");
    const { now = Date.now, sharing } = options;
    this.#tables = sharing === undefined ? new Tables(now) : sharing.#tables;
    this.name = sharing?.name ?? `memory:${++storages}`;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async insert(jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
    return insertJobs(this.#open(), jobs);
  }

  async claim(request: ClaimRequest): Promise<ClaimedJob[]> {
    const slots = bounded(request.slots);
    const buffer = Math.min(request.buffer, MAX_ROWS - slots);
    return claimJobs(this.#open(), { ...request, slots, buffer });
  }

  async held(incarnation: string): Promise<Claim[]> {
    return heldBy(this.#open(), incarnation);
  }

  async park(claims: readonly Claim[]): Promise<ClaimOutcome[]> {
    return parkJobs(this.#open(), claims);
  }

  async adopt(request: AdoptRequest): Promise<ClaimedJob[]> {
    return adoptJobs(this.#open(), { ...request, slots: bounded(request.slots) });
  }

  async giveBack(claims: readonly Claim[]): Promise<ClaimOutcome[]> {
    return giveBackJobs(this.#open(), claims);
  }

  async blame(claims: readonly Claim[]): Promise<ClaimOutcome[]> {
    return blameJobs(this.#open(), claims);
  }

  async commit(changes: readonly Change[]): Promise<CommitOutcome[]> {
    return commitChanges(this.#open(), changes);
  }

  async append(appendices: readonly Appendix[]): Promise<ClaimOutcome[]> {
    return appendAll(this.#open(), appendices);
  }

  async announce(server: ServerAnnouncement): Promise<void> {
    announceServer(this.#open(), server);
  }

  async heartbeat(incarnation: string): Promise<boolean> {
    return renewLease(this.#open(), incarnation);
  }

  async retire(incarnation: string): Promise<void> {
    retireServer(this.#open(), incarnation);
  }

  async recover(request: RecoverRequest): Promise<RecoverResult> {
    return recoverJobs(this.#open(), { ...request, limit: bounded(request.limit) });
  }

  async check(claims: readonly Claim[]): Promise<LostClaim[]> {
    return lostClaims(this.#open(), claims);
  }

  async promote(limit: number): Promise<PromoteResult> {
    return promoteJobs(this.#open(), bounded(limit));
  }

  async release(limit: number): Promise<ReleaseResult> {
    return releaseWaiters(this.#open(), bounded(limit));
  }

  async saveRecurring(saves: readonly RecurringSave[]): Promise<RecurringOutcome[]> {
    return saveRecurring(this.#open(), saves);
  }

  async dueRecurring(limit: number): Promise<DueRecurring> {
    return dueRecurring(this.#open(), bounded(limit));
  }

  async getRecurring(ids: readonly string[]): Promise<RecurringRecord[]> {
    return getRecurring(this.#open(), ids);
  }

  async listRecurring(query: RecurringQuery): Promise<RecurringRecord[]> {
    return listRecurring(this.#open(), { ...query, limit: bounded(query.limit) });
  }

  async get(ids: readonly string[], cut?: RowCut): Promise<JobRecord[]> {
    return getJobs(this.#open(), ids, cut);
  }

  async watch(ids: readonly string[]): Promise<EndedJob[]> {
    return watchJobs(this.#open(), ids);
  }

  async appendices(id: string): Promise<Appendices> {
    return readAppendices(this.#open(), id);
  }

  async parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly ParentRecord[]>> {
    return parentsOf(this.#open(), ids);
  }

  async list(query: ListQuery): Promise<Page> {
    return listJobs(this.#open(), { ...query, limit: bounded(query.limit) });
  }

  async counts(): Promise<StateCounts> {
    return countJobs(this.#open());
  }

  async statistics(range: StatisticsRange): Promise<StatisticsHour[]> {
    return this.#open().statistics.within(range);
  }

  async servers(): Promise<ServerRecord[]> {
    return listServers(this.#open());
  }

  async expire(request: ExpireRequest): Promise<ExpireResult> {
    return expireJobs(this.#open(), { ...request, limit: bounded(request.limit) });
  }

  async now(): Promise<number> {
    return this.#open().clock();
  }

  subscribe(listener: SignalListener): () => void {
    const unsubscribe = this.#tables.signals.subscribe(listener);
    this.#subscriptions.add(unsubscribe);
    return () => {
      unsubscribe();
      this.#subscriptions.delete(unsubscribe);
    };
  }

  #open(): Tables {
    if (this.#closed) throw new StorageClosedError(this.name);
    return this.#tables;
  }
}

function bounded(limit: number): number {
  return Math.min(limit, MAX_ROWS);
}
