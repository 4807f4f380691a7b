import { moduleBeside } from "../../base/module-beside.ts";
import type * as contract from "../../storage/index.ts";
import { requireTransaction } from "../../storage/index.ts";
import { MysqlAdmin } from "./admin.ts";
import { adopt, hasParked } from "./adopt.ts";
import { append, readAppendices } from "./append.ts";
import { type CallersTransaction, isConnection } from "./callers-connection.ts";
import { claim, clockFollows, mayClaim, refuseWithoutLease } from "./claim.ts";
import { commit } from "./commit.ts";
import { commitWithin } from "./commit-within.ts";
import { Database } from "./database.ts";
import { expire, isOutOfDate } from "./expire.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insertWithin, type ReadBeside } from "./insert-within.ts";
import { Insertion } from "./insertion.ts";
import { announce, check, heartbeat, held, retire, servers } from "./leases.ts";
import { bite, boundClaim, MAX_ROWS } from "./limits.ts";
import { list } from "./list.ts";
import { type MysqlStorageOptions, type MysqlTarget, toSource } from "./options.ts";
import { parents } from "./parents.ts";
import { lookAhead, promote } from "./promote.ts";
import { get, watch } from "./read.ts";
import { hasLostOwners, recover } from "./recover.ts";
import { dueRecurring, getRecurring, listRecurring, saveRecurring } from "./recurring.ts";
import { hasRecords, release } from "./release.ts";
import { readClock } from "./statements.ts";
import { counts, statistics } from "./statistics.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Jobs in a database of MySQL 8 or MariaDB 10.6 and later, in tables whose names begin with `firelater_`. They are made
 * at the first start. Opening errors arrive at `ready` and at each call, which tries to open anew:
 * `FL_SCHEMA_TOO_NEW`, `FL_STORAGE_FAILED`, `FL_STORAGE_BUSY`, and with `migrate: false` also `FL_STORE_MISSING` and
 * `FL_SCHEMA_TOO_OLD`. `{ tx }` takes a connection of `mysql2` on which you have
 * begun a transaction: see `MysqlTransaction`.
 *
 * @example
 * ```ts
 * import { MysqlStorage } from "firelater/mysql";
 *
 * const storage = new MysqlStorage("mysql://app:secret@127.0.0.1:3306/app");
 * await storage.close();
 * ```
 */
export class MysqlStorage implements contract.Storage<CallersTransaction> {
  readonly name: string;
  readonly manifest: contract.StorageManifest;
  readonly ready: Promise<void>;
  readonly admin: contract.StorageAdmin;
  readonly #url: string | undefined;
  readonly #database: Database;

  /**
   * @param target A URL, or a pool of `mysql2/promise`, which stays the caller's to end.
   * @throws InvalidStorageOptionsError `FL_INVALID_STORAGE_OPTIONS`.
   */
  constructor(target: MysqlTarget, options: MysqlStorageOptions = {}) {
    const source = toSource(target, options);
    this.name = source.name;
    this.manifest = { engine: "mysql", maxRows: MAX_ROWS, shared: true, persistent: true };
    this.#url = source.url;
    this.#database = new Database(source);
    this.ready = this.#database.ready;
    this.admin = new MysqlAdmin(this.#database);
  }

  /** As the server is set; known once the storage is open. */
  get durability(): contract.Durability {
    return this.#database.durability;
  }

  accepts(tx: CallersTransaction): boolean {
    return isConnection(tx);
  }

  async insert(jobs: readonly contract.NewJob[], tx?: CallersTransaction): Promise<contract.InsertOutcome[]> {
    if (tx !== undefined) {
      return await this.#within(tx, "store jobs", jobs.length, (unit, beside) =>
        insertWithin(unit, jobs, beside),
      );
    }
    if (jobs.length === 0) return [];
    const insertion = new Insertion(jobs);
    return await this.#database.write(
      "store jobs",
      jobs.length,
      (tx) => insertion.run(tx),
      (tx) => insertion.begin(tx),
    );
  }

  async claim(given: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    const request = boundClaim(given);
    const wanted = request.slots + request.buffer;
    const { marks } = this.#database;
    const take = (tx: Transaction) => claim(tx, marks, request);
    const write = ["claim jobs", wanted, take, clockFollows] as const;
    const claiming = this.#database.takeReadied()
      ? this.#database.write(...write)
      : this.#database.writeIf((sql) => mayClaim(sql, request), [], ...write);
    const jobs = await claiming.catch((error: unknown) => {
      marks.suspectAll();
      throw error;
    });
    for (const { queue, rank, seq } of jobs) marks.of(queue).raise({ rank, seq });
    if (jobs.length === wanted) this.#database.noteReadied();
    return jobs;
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#database.read("read claims", (sql) => held(sql, incarnation));
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("park jobs", claims.length, (tx) => park(tx, claims));
  }

  adopt(request: contract.AdoptRequest): Promise<contract.ClaimedJob[]> {
    return this.#database.writeIf(
      async (sql) => (await hasParked(sql, request)) || (await refuseWithoutLease(sql, request.incarnation)),
      [],
      "adopt jobs",
      bite(request.slots),
      (tx) => adopt(tx, { ...request, slots: bite(request.slots) }),
      clockFollows,
    );
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("give jobs back", claims.length, (tx) => giveBack(tx, claims));
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("mark jobs", claims.length, (tx) => blame(tx, claims));
  }

  async commit(
    changes: readonly contract.Change[],
    tx?: CallersTransaction,
  ): Promise<contract.CommitOutcome[]> {
    const doing = "commit changes";
    if (tx === undefined) {
      return await this.#database.write(doing, changes.length, (unit) => commit(unit, changes));
    }
    return await this.#within(tx, doing, changes.length, (unit, beside) =>
      commitWithin(unit, changes, beside),
    );
  }

  append(appendices: readonly contract.Appendix[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.write("store logs", appendices.length, (tx) => append(tx, appendices));
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#database.write("announce a server", 1, (tx) => announce(tx, server));
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#database.read("renew a lease", (sql) => heartbeat(sql, incarnation));
  }

  retire(incarnation: string): Promise<void> {
    return this.#database.read("end a lease", (sql) => retire(sql, incarnation));
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
    return this.#database.write("ready due jobs", bite(limit), (tx) => promote(tx, bite(limit)));
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#database.writeIf(
      hasRecords,
      { released: 0, more: false },
      "release jobs",
      bite(limit),
      (tx) => release(tx, bite(limit)),
    );
  }

  saveRecurring(saves: readonly contract.RecurringSave[]): Promise<contract.RecurringOutcome[]> {
    const rows = saves.reduce((sum, { jobs = [] }) => sum + Math.max(jobs.length, 1), 0);
    return this.#database.write("store recurring jobs", rows, (tx) => saveRecurring(tx, saves));
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

  list(query: contract.ListQuery): Promise<contract.Page> {
    return this.#database.read("list jobs", (sql) => list(sql, query));
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
    if (this.#url === undefined) return undefined;
    const url = moduleBeside(import.meta.url, "lease-thread");
    return { url, workerData: { url: this.#url, name: this.name } };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #within<T>(
    tx: CallersTransaction,
    doing: string,
    rows: number,
    run: (unit: Transaction, beside: ReadBeside) => Promise<T>,
  ): Promise<T> {
    requireTransaction(this, tx);
    return await this.#database.within(tx, doing, rows, (unit, beside) =>
      run(unit, (read) => beside(this.#database.read(doing, read))),
    );
  }
}
