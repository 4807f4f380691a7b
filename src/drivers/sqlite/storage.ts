import { resolve } from "node:path";
import { type Duration, toMilliseconds } from "../../base/duration.ts";
import type * as contract from "../../storage/index.ts";
import { StorageClosedError } from "../../storage/index.ts";
import { adopt, hasParked } from "./adopt.ts";
import { append, readAppendices } from "./append.ts";
import { ChangeWatch } from "./change-watch.ts";
import { claim, hasReady, requireLease } from "./claim.ts";
import { commit } from "./commit.ts";
import { Connection, type Synchronous } from "./connection.ts";
import { describeLeaseThread } from "./describe-lease-thread.ts";
import { toStorageError } from "./errors.ts";
import { expire, isOutOfDate } from "./expire.ts";
import { parentRows, release } from "./gates.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insert } from "./insert.ts";
import { announce, check, hasLostOwners, heartbeat, held, recover, retire, servers } from "./leases.ts";
import { bite, boundClaim, MAX_ROWS, refuseTooMany } from "./limits.ts";
import { migrate } from "./migrate.ts";
import { lookAhead, promote } from "./promote.ts";
import { counts, get, list, watch } from "./read.ts";
import type { Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";
import { type Lasting, Writer } from "./writer.ts";

/** How a SQLite storage writes. */
export interface SqliteStorageOptions {
  /**
   * `"full"` (default): a resolved write has survived a power cut. `"normal"`: it has survived the death of the
   * process, but a power cut may lose the last moments; writes are cheaper where fsync is slow.
   */
  readonly synchronous?: Synchronous | undefined;
  /** How long a write waits for another process's lock before it fails with `FL_STORAGE_BUSY`. Default `"30s"`. */
  readonly busyTimeout?: Duration | undefined;
}

let inMemory = 0;

/**
 * Jobs in one SQLite file: nothing to install, safe for several processes of one machine. The folder of the file is
 * made when it is missing; `":memory:"` keeps the jobs in this object only. Opening errors arrive at `ready` and at
 * the first call: `FL_SCHEMA_TOO_NEW`, `FL_STORAGE_FAILED`, `FL_STORAGE_BUSY`.
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
export class SqliteStorage implements contract.Storage {
  readonly name: string;
  readonly manifest: contract.StorageManifest;
  readonly durability: contract.Durability;
  readonly ready: Promise<void>;
  readonly #file: string;
  readonly #listeners = new Set<contract.SignalListener>();
  #opened: { connection: Connection; writer: Writer; watch: ChangeWatch } | undefined;
  #closing: Promise<void> | undefined;

  constructor(file: string, options: SqliteStorageOptions = {}) {
    const shared = file !== ":memory:";
    const synchronous = options.synchronous ?? "full";
    this.#file = shared ? resolve(file) : file;
    this.name = shared ? `sqlite:${this.#file}` : `sqlite::memory:${++inMemory}`;
    this.manifest = { engine: "sqlite", maxRows: MAX_ROWS, shared, persistent: shared };
    this.durability = {
      level: !shared ? "none" : synchronous === "full" ? "fsync" : "os",
      setting: `synchronous=${synchronous.toUpperCase()}`,
    };
    this.ready = this.#open(synchronous, toMilliseconds(options.busyTimeout ?? "30s", "busyTimeout"));
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  insert(jobs: readonly contract.NewJob[]): Promise<contract.InsertOutcome[]> {
    return this.#write("store jobs", jobs.length, "durable", (tx) => insert(tx, jobs));
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    return this.#writeIf(
      (sql) => hasReady(sql, request.queues) || requireLease(sql, readClock(sql), request.incarnation),
      [],
      "claim jobs",
      bite(request.slots + request.buffer),
      (tx) => claim(tx, boundClaim(request)),
    );
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#read("read claims", (sql) => held(sql, incarnation));
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#write("park jobs", claims.length, "process", (tx) => park(tx, claims));
  }

  adopt(request: contract.AdoptRequest): Promise<contract.ClaimedJob[]> {
    return this.#writeIf(
      (sql) => hasParked(sql, request) || requireLease(sql, readClock(sql), request.incarnation),
      [],
      "adopt jobs",
      bite(request.slots),
      (tx) => adopt(tx, { ...request, slots: bite(request.slots) }),
    );
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#write("give jobs back", claims.length, "process", (tx) => giveBack(tx, claims));
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#write("mark jobs", claims.length, "process", (tx) => blame(tx, claims));
  }

  commit(changes: readonly contract.Change[]): Promise<contract.CommitOutcome[]> {
    return this.#write("commit changes", changes.length, "durable", (tx) => commit(tx, changes));
  }

  append(appendices: readonly contract.Appendix[]): Promise<contract.ClaimOutcome[]> {
    return this.#write("store logs", appendices.length, "process", (tx) => append(tx, appendices));
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#write("announce a server", 1, "process", (tx) => announce(tx, server));
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#write("renew a lease", 1, "process", (tx) => heartbeat(tx, incarnation));
  }

  retire(incarnation: string): Promise<void> {
    return this.#write("end a lease", 1, "process", (tx) => retire(tx, incarnation));
  }

  recover(request: contract.RecoverRequest): Promise<contract.RecoverResult> {
    return this.#writeIf(
      (sql) => hasLostOwners(sql, request),
      { recovered: [], more: false },
      "recover jobs",
      bite(request.limit),
      (tx) => recover(tx, { ...request, limit: bite(request.limit) }),
    );
  }

  check(claims: readonly contract.Claim[]): Promise<contract.Claim[]> {
    return this.#read("check claims", (sql) => check(sql, claims));
  }

  async promote(limit: number): Promise<contract.PromoteResult> {
    const ahead = await this.#read("look for due jobs", lookAhead);
    if (ahead.nextDueAt === null || ahead.nextDueAt > ahead.now) return ahead;
    return this.#write("ready due jobs", bite(limit), "process", (tx) => promote(tx, bite(limit)));
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#writeIf(
      (sql) => sql.first("SELECT 1 FROM firelater_release LIMIT 1") !== undefined,
      { released: 0, more: false },
      "release jobs",
      bite(limit),
      (tx) => release(tx, bite(limit)),
    );
  }

  get(ids: readonly string[]): Promise<contract.JobRecord[]> {
    return this.#read("read jobs", (sql) => get(sql, ids));
  }

  watch(ids: readonly string[]): Promise<contract.EndedJob[]> {
    return this.#read("read results", (sql) => watch(sql, ids));
  }

  appendices(id: string): Promise<contract.Appendices> {
    return this.#read("read logs", (sql) => readAppendices(sql, id));
  }

  parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly contract.ParentRecord[]>> {
    return this.#read("read parents", (sql) => new Map(ids.map((id) => [id, parentRows({ sql }, id)])));
  }

  list(query: contract.ListQuery): Promise<contract.Page> {
    return this.#read("list jobs", (sql) => list(sql, query));
  }

  counts(): Promise<contract.StateCounts> {
    return this.#read("count jobs", counts);
  }

  servers(): Promise<contract.ServerRecord[]> {
    return this.#read("list servers", servers);
  }

  expire(request: contract.ExpireRequest): Promise<contract.ExpireResult> {
    return this.#writeIf(
      (sql) => isOutOfDate(sql, request),
      { expired: 0, next: null },
      "expire jobs",
      bite(request.limit),
      (tx) => expire(tx, { ...request, limit: bite(request.limit) }),
    );
  }

  now(): Promise<number> {
    return this.#read("read the clock", readClock);
  }

  subscribe(listener: contract.SignalListener): () => void {
    this.#listeners.add(listener);
    this.#opened?.watch.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#opened?.watch.stop();
    };
  }

  leaseThread(): contract.LeaseThread | undefined {
    return this.manifest.shared ? describeLeaseThread(this.#file, this.name) : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(synchronous: Synchronous, busyTimeoutMs: number): Promise<void> {
    // Lets the constructor return first, so that opening errors have one way out.
    await Promise.resolve();
    let connection: Connection | undefined;
    try {
      connection = new Connection(this.#file, this.name);
      await migrate(connection, synchronous, busyTimeoutMs);
    } catch (error) {
      connection?.close();
      throw toStorageError(this.name, "open", error);
    }
    const writer = new Writer(connection, busyTimeoutMs, (signals) => this.#tell(signals));
    const watch = new ChangeWatch(connection, () => this.#tell([{ kind: "changed" }]));
    this.#opened = { connection, writer, watch };
    if (this.#listeners.size > 0 && this.manifest.shared) watch.start();
  }

  async #close(): Promise<void> {
    const opened = await this.ready.then(
      () => this.#opened,
      () => undefined,
    );
    if (opened === undefined) return;
    opened.watch.stop();
    await opened.writer.idle();
    this.#opened = undefined;
    this.#listeners.clear();
    opened.connection.close();
  }

  #tell(signals: readonly contract.Signal[]): void {
    for (const signal of signals) {
      for (const listener of this.#listeners) listener(signal);
    }
  }

  async #write<T>(doing: string, rows: number, lasting: Lasting, run: (tx: Transaction) => T): Promise<T> {
    refuseTooMany(doing, rows);
    return (await this.#use()).writer.write(doing, rows, lasting, run);
  }

  async #read<T>(doing: string, run: (sql: Statements) => T): Promise<T> {
    const { connection } = await this.#use();
    try {
      return run(connection.sql);
    } catch (error) {
      throw toStorageError(this.name, doing, error);
    }
  }

  /** Asks first, without the write lock, whether there is anything to do: idle servers do not disturb each other. */
  async #writeIf<T>(
    needed: (sql: Statements) => unknown,
    otherwise: T,
    doing: string,
    rows: number,
    run: (tx: Transaction) => T,
  ): Promise<T> {
    return (await this.#read(doing, needed)) ? this.#write(doing, rows, "process", run) : otherwise;
  }

  async #use(): Promise<{ connection: Connection; writer: Writer }> {
    if (this.#closing !== undefined) throw new StorageClosedError(this.name);
    if (this.#opened === undefined) await this.ready;
    if (this.#opened === undefined) throw new StorageClosedError(this.name);
    return this.#opened;
  }
}
