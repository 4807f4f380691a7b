import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { toMilliseconds } from "../../base/duration.ts";
import { moduleBeside } from "../../base/module-beside.ts";
import * as contract from "../../storage/index.ts";
import { SqliteAdmin } from "./admin.ts";
import { adopt, hasParked } from "./adopt.ts";
import { append, readAppendices } from "./append.ts";
import { CallersConnections, isConnectionTo } from "./callers-connection.ts";
import { claim, hasReady, requireLease } from "./claim.ts";
import { commit } from "./commit.ts";
import { Database } from "./database.ts";
import { expire, isOutOfDate } from "./expire.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insert } from "./insert.ts";
import { announce, check, hasLostOwners, heartbeat, held, recover, retire, servers } from "./leases.ts";
import { bite, boundClaim, MAX_ROWS } from "./limits.ts";
import { list } from "./list.ts";
import { LongReads } from "./long-reads.ts";
import { checkNames, fileOf, type SqliteStorageOptions, toMigrates, toSynchronous } from "./options.ts";
import { parents } from "./parents.ts";
import { lookAhead, promote } from "./promote.ts";
import { counts, get, watch } from "./read.ts";
import { dueRecurring, getRecurring, listRecurring, saveRecurring } from "./recurring.ts";
import { release } from "./release.ts";
import { statistics } from "./statistics.ts";
import { readClock, type Transaction } from "./transaction.ts";

let inMemory = 0;

/**
 * Jobs in one SQLite file: nothing to install, safe for several processes of one machine. The folder of the file is
 * made when it is missing; `":memory:"` keeps the jobs in this object only. Opening errors arrive at `ready` and at
 * the first call: `FL_SCHEMA_TOO_NEW`, `FL_STORAGE_FAILED`, `FL_STORAGE_BUSY`, and with `migrate: false` also
 * `FL_STORE_MISSING` and `FL_SCHEMA_TOO_OLD`.
 *
 * Made with a connection of your own, it keeps the jobs in the file of that connection, and jobs are stored within
 * transactions that you begin there (`{ tx: database }`). The storage itself still works on connections of its own.
 *
 * @example
 * ```ts
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const storage = new SqliteStorage("data/jobs.db", { synchronous: "normal" });
 * await storage.ready;
 * await storage.close();
 * ```
 */
export class SqliteStorage<Tx extends DatabaseSync = never> implements contract.Storage<Tx> {
  readonly name: string;
  readonly manifest: contract.StorageManifest;
  readonly durability: contract.Durability;
  readonly ready: Promise<void>;
  readonly admin: contract.StorageAdmin;
  readonly #file: string;
  readonly #database: Database;
  readonly #longReads: LongReads;
  readonly #callers: CallersConnections;

  /** @throws InvalidStorageOptionsError `FL_INVALID_STORAGE_OPTIONS`, InvalidDurationError `FL_INVALID_DURATION`. */
  constructor(source: string | Tx, options: SqliteStorageOptions = {}) {
    checkNames(options);
    const file = fileOf(source);
    const shared = file !== ":memory:";
    const synchronous = toSynchronous(options.synchronous);
    this.#file = shared ? resolve(file) : file;
    this.name = shared ? `sqlite:${this.#file}` : `sqlite::memory:${++inMemory}`;
    this.manifest = { engine: "sqlite", maxRows: MAX_ROWS, shared, persistent: shared };
    this.durability = {
      level: !shared ? "none" : synchronous === "full" ? "fsync" : "os",
      setting: `synchronous=${synchronous.toUpperCase()}`,
    };
    const busyTimeoutMs = toMilliseconds(options.busyTimeout ?? "30s", "busyTimeout");
    this.#callers = new CallersConnections(this.name, busyTimeoutMs);
    this.#database = new Database({
      ...{ file: this.#file, name: this.name, shared, synchronous, busyTimeoutMs },
      migrates: toMigrates(options.migrate),
    });
    this.#longReads = new LongReads(this.#file, this.name);
    this.admin = new SqliteAdmin(this.#database, shared ? this.#longReads : undefined);
    this.ready = this.#database.ready;
  }

  accepts(tx: Tx): boolean {
    return isConnectionTo(this.#file, tx);
  }

  insert(jobs: readonly contract.NewJob[], tx?: Tx): Promise<contract.InsertOutcome[]> {
    return this.#write("store jobs", jobs.length, tx, (unit) => insert(unit, jobs));
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    const { queues, incarnation } = request;
    const readied = this.#database.takeReadied();
    return this.#database.writeIf(
      (sql) => readied || hasReady(sql, queues) || requireLease(sql, readClock(sql), incarnation),
      [],
      "claim jobs",
      bite(request.slots + request.buffer),
      (tx) => claim(tx, boundClaim(request)),
    );
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#database.read("read claims", (sql) => held(sql, incarnation));
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("park jobs", claims.length, "process", (tx) => park(tx, claims));
  }

  adopt(request: contract.AdoptRequest): Promise<contract.ClaimedJob[]> {
    return this.#database.writeIf(
      (sql) => hasParked(sql, request) || requireLease(sql, readClock(sql), request.incarnation),
      [],
      "adopt jobs",
      bite(request.slots),
      (tx) => adopt(tx, { ...request, slots: bite(request.slots) }),
    );
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("give jobs back", claims.length, "process", (tx) => giveBack(tx, claims));
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("mark jobs", claims.length, "process", (tx) => blame(tx, claims));
  }

  commit(changes: readonly contract.Change[], tx?: Tx): Promise<contract.CommitOutcome[]> {
    return this.#write("commit changes", changes.length, tx, (unit) => commit(unit, changes));
  }

  append(appendices: readonly contract.Appendix[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("store logs", appendices.length, "process", (tx) => append(tx, appendices));
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#database.write("announce a server", 1, "process", (tx) => announce(tx, server));
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#database.write("renew a lease", 1, "process", (tx) => heartbeat(tx, incarnation));
  }

  retire(incarnation: string): Promise<void> {
    return this.#database.write("end a lease", 1, "process", (tx) => retire(tx, incarnation));
  }

  recover(request: contract.RecoverRequest): Promise<contract.RecoverResult> {
    return this.#database.writeIf(
      (sql) => hasLostOwners(sql, request),
      { recovered: [], more: false },
      "recover jobs",
      bite(request.limit),
      (tx) => recover(tx, { ...request, limit: bite(request.limit) }),
    );
  }

  check(claims: readonly contract.Claim[]): Promise<contract.LostClaim[]> {
    return this.#database.read("check claims", (sql) => check(sql, claims));
  }

  async promote(limit: number): Promise<contract.PromoteResult> {
    const ahead = await this.#database.read("look for due jobs", lookAhead);
    if (ahead.nextDueAt === null || ahead.nextDueAt > ahead.now) return ahead;
    return this.#database.write("ready due jobs", bite(limit), "process", (tx) => promote(tx, bite(limit)));
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#database.writeIf(
      (sql) => sql.first("SELECT 1 FROM firelater_release LIMIT 1") !== undefined,
      { released: 0, more: false },
      "release jobs",
      bite(limit),
      (tx) => release(tx, bite(limit)),
    );
  }

  saveRecurring(saves: readonly contract.RecurringSave[]): Promise<contract.RecurringOutcome[]> {
    const rows = saves.reduce((sum, { jobs = [] }) => sum + Math.max(jobs.length, 1), 0);
    return this.#database.write("store recurring jobs", rows, "durable", (tx) => saveRecurring(tx, saves));
  }

  dueRecurring(limit: number): Promise<contract.DueRecurring> {
    return this.#database.read("look for due recurring jobs", (sql) => dueRecurring(sql, bite(limit)));
  }

  getRecurring(ids: readonly string[]): Promise<contract.RecurringRecord[]> {
    return this.#database.read("read recurring jobs", (sql) => getRecurring(sql, ids));
  }

  listRecurring(query: contract.RecurringQuery): Promise<contract.RecurringRecord[]> {
    return this.#database.read("list recurring jobs", (sql) =>
      listRecurring(sql, { ...query, limit: bite(query.limit) }),
    );
  }

  get(ids: readonly string[], cut?: contract.RowCut): Promise<contract.JobRecord[]> {
    return this.#database.read("read jobs", (sql) => get(sql, ids, cut));
  }

  watch(ids: readonly string[]): Promise<contract.EndedJob[]> {
    return this.#database.read("read results", (sql) => watch(sql, ids));
  }

  appendices(id: string): Promise<contract.Appendices> {
    return this.#database.read("read logs", (sql) => readAppendices(sql, id));
  }

  parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly contract.ParentRecord[]>> {
    return this.#database.read("read parents", (sql) => parents(sql, ids));
  }

  /** A search may look at thousands of rows: not on the event loop, where there is another way to the file. */
  async list(query: contract.ListQuery): Promise<contract.Page> {
    if (query.where !== undefined && this.manifest.shared) {
      await this.#database.opened();
      return await this.#longReads.list(query);
    }
    return await this.#database.read("list jobs", (sql) => list(sql, query));
  }

  counts(): Promise<contract.StateCounts> {
    return this.#database.read("count jobs", counts);
  }

  statistics(range: contract.StatisticsRange): Promise<contract.StatisticsHour[]> {
    return this.#database.read("read statistics", (sql) => statistics(sql, range));
  }

  servers(): Promise<contract.ServerRecord[]> {
    return this.#database.read("list servers", servers);
  }

  expire(request: contract.ExpireRequest): Promise<contract.ExpireResult> {
    return this.#database.writeIf(
      (sql) => isOutOfDate(sql, request),
      { expired: 0, next: null },
      "expire jobs",
      bite(request.limit),
      (tx) => expire(tx, { ...request, limit: bite(request.limit) }),
    );
  }

  now(): Promise<number> {
    return this.#database.read("read the clock", readClock);
  }

  subscribe(listener: contract.SignalListener): () => void {
    return this.#database.subscribe(listener);
  }

  leaseThread(): contract.LeaseThread | undefined {
    if (!this.manifest.shared) return undefined;
    const url = moduleBeside(import.meta.url, "lease-thread");
    return { url, workerData: { file: this.#file, name: this.name } };
  }

  async close(): Promise<void> {
    await Promise.all([this.#database.close(), this.#longReads.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A durable write of its own, or one within the caller's transaction, which lasts as that does. */
  async #write<T>(
    doing: string,
    rows: number,
    tx: Tx | undefined,
    run: (unit: Transaction) => T,
  ): Promise<T> {
    if (tx === undefined) return this.#database.write(doing, rows, "durable", run);
    contract.requireTransaction(this, tx);
    await this.#database.openedBeside(doing, rows);
    return this.#callers.write(tx, doing, run);
  }
}
