import { moduleBeside } from "../../base/module-beside.ts";
import { Serial } from "../../base/serial.ts";
import * as contract from "../../storage/index.ts";
import { placeOf } from "./address.ts";
import { PostgresAdmin } from "./admin.ts";
import { adopt } from "./adopt.ts";
import { append, readAppendices } from "./append.ts";
import { CallersConnections, type CallWithin, isClient } from "./callers-connection.ts";
import { Calls } from "./calls.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { Connection } from "./connection.ts";
import { DueMark } from "./due-mark.ts";
import { expire } from "./expire.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insert, insertInTurn } from "./insert.ts";
import { refuseOutdated } from "./insert-within.ts";
import { announce, check, heartbeat, held, recover, retire, servers } from "./leases.ts";
import { bite, boundClaim, MAX_ROWS, refuseTooMany } from "./limits.ts";
import { list } from "./list.ts";
import { LowWater } from "./low-water.ts";
import { Opening } from "./opening.ts";
import {
  checkOptions,
  checkSource,
  type PostgresSource,
  type PostgresStorageOptions,
  type PostgresTransaction,
} from "./options.ts";
import { parents } from "./parents.ts";
import { promote } from "./promote.ts";
import { get, now, watch } from "./read.ts";
import { dueRecurring, getRecurring, listRecurring, saveRecurring } from "./recurring.ts";
import { release } from "./release.ts";
import { Signals } from "./signals.ts";
import type { Session } from "./statements.ts";
import { counts, fold, statistics } from "./statistics.ts";

/**
 * Jobs in a schema of a PostgreSQL database, 13 or later, for any number of processes and machines. `pg` must be
 * installed. Opening errors arrive at `ready` and at the first call: `FL_SCHEMA_TOO_NEW`, `FL_STORAGE_FAILED`, and with
 * `migrate: false` also `FL_STORE_MISSING` and `FL_SCHEMA_TOO_OLD`; the next call tries again.
 *
 * @example
 * ```ts
 * import { PostgresStorage } from "firelater/postgres";
 *
 * const storage = new PostgresStorage("postgres://app:secret@localhost:5432/app", { schema: "jobs" });
 * await storage.ready;
 * await storage.close();
 * ```
 */
export class PostgresStorage implements contract.Storage<PostgresTransaction> {
  readonly name: string;
  readonly manifest: contract.StorageManifest = {
    engine: "postgres",
    maxRows: MAX_ROWS,
    largestBuffer: 250,
    insertsAtOnce: 2,
    shared: true,
    persistent: true,
  };
  readonly ready: Promise<void>;
  readonly admin: contract.StorageAdmin = new PostgresAdmin((run) => this.#use(run));
  readonly #schema: string;
  readonly #connection: Connection;
  readonly #opening: Opening;
  readonly #signals: Signals;
  readonly #callers: CallersConnections;
  readonly #lowWater: LowWater;
  readonly #dueMark = new DueMark();
  readonly #inserts = new Serial();
  readonly #calls: Calls;
  #closing: Promise<void> | undefined;

  /** @throws InvalidStorageOptionsError `FL_INVALID_STORAGE_OPTIONS`, InvalidSchemaError `FL_INVALID_SCHEMA`. */
  constructor(source: PostgresSource, options: PostgresStorageOptions = {}) {
    checkSource(source);
    checkOptions(options);
    this.#schema = options.schema ?? "firelater";
    this.name = placeOf(source, this.#schema);
    this.#connection = new Connection(source, this.name, options);
    this.#opening = new Opening(this.#connection, this.name, options.migrate ?? true);
    const { listen = true, notifyInTransaction = true } = options;
    this.#signals = new Signals(this.#connection, () => this.#opening.opened(), listen);
    const channel = listen && notifyInTransaction ? this.#signals.channel : undefined;
    const database = () => this.#opening.surroundings.database;
    const { tables } = this.#connection;
    this.#callers = new CallersConnections({ name: this.name, tables, channel, database });
    this.#lowWater = new LowWater(this.name);
    this.#calls = new Calls({
      ...{ name: this.name, connection: this.#connection, opening: this.#opening },
      ...{ signals: this.#signals, lowWater: this.#lowWater, dueMark: this.#dueMark },
    });
    this.ready = this.#opening.opened();
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  /** What the server's settings promise, known once the storage is ready; until then its defaults. */
  get durability(): contract.Durability {
    return this.#opening.surroundings.durability;
  }

  accepts(tx: PostgresTransaction): boolean {
    return isClient(tx);
  }

  async insert(
    jobs: readonly contract.NewJob[],
    tx?: PostgresTransaction,
  ): Promise<contract.InsertOutcome[]> {
    if (tx === undefined) {
      return await this.#rows("store jobs", jobs.length, (own) => insertInTurn(own, this.#inserts, jobs));
    }
    return await this.#within(tx, jobs.length, "store jobs", (own) => ({
      run: (session) => insert(session, jobs),
      verify: (outcomes) => refuseOutdated(own, jobs, outcomes),
    }));
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    return this.#use((session) => claim(session, this.#lowWater, boundClaim(request)));
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#use((session) => held(session, incarnation));
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#rows("park jobs", claims.length, (session) => park(session, claims));
  }

  adopt(request: contract.AdoptRequest): Promise<contract.ClaimedJob[]> {
    return this.#use((session) => adopt(session, { ...request, slots: bite(request.slots) }));
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#rows("give jobs back", claims.length, (session) =>
      this.#calls.puttingBack(giveBack(session, claims)),
    );
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#rows("mark jobs", claims.length, (session) => blame(session, claims));
  }

  async commit(
    changes: readonly contract.Change[],
    tx?: PostgresTransaction,
  ): Promise<contract.CommitOutcome[]> {
    const doing = "commit changes";
    const run = (session: Session) => commit(session, changes);
    if (tx !== undefined) return await this.#within(tx, changes.length, doing, () => ({ run }));
    return await this.#rows(doing, changes.length, (session) =>
      changes.some(({ keepSeq }) => keepSeq === true) ? this.#calls.puttingBack(run(session)) : run(session),
    );
  }

  append(appendices: readonly contract.Appendix[]): Promise<contract.ClaimOutcome[]> {
    return this.#rows("store logs", appendices.length, (session) => append(session, appendices));
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#use((session) => announce(session, server));
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#use((session) => heartbeat(session, incarnation));
  }

  retire(incarnation: string): Promise<void> {
    return this.#use((session) => retire(session, incarnation));
  }

  recover(request: contract.RecoverRequest): Promise<contract.RecoverResult> {
    return this.#use((session) =>
      this.#calls.puttingBack(recover(session, { ...request, limit: bite(request.limit) })),
    );
  }

  check(claims: readonly contract.Claim[]): Promise<contract.LostClaim[]> {
    return this.#use((session) => check(session, claims));
  }

  promote(limit: number): Promise<contract.PromoteResult> {
    return this.#use((session) => promote(session, this.#dueMark, bite(limit)));
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#use((session) => release(session, bite(limit)));
  }

  saveRecurring(saves: readonly contract.RecurringSave[]): Promise<contract.RecurringOutcome[]> {
    const rows = saves.reduce((sum, { jobs = [] }) => sum + Math.max(jobs.length, 1), 0);
    return this.#rows("store recurring jobs", rows, (session) => saveRecurring(session, saves));
  }

  dueRecurring(limit: number): Promise<contract.DueRecurring> {
    return this.#use((session) => dueRecurring(session, bite(limit)));
  }

  getRecurring(ids: readonly string[]): Promise<contract.RecurringRecord[]> {
    return this.#use((session) => getRecurring(session, ids));
  }

  listRecurring(query: contract.RecurringQuery): Promise<contract.RecurringRecord[]> {
    return this.#use((session) => listRecurring(session, { ...query, limit: bite(query.limit) }));
  }

  get(ids: readonly string[], cut?: contract.RowCut): Promise<contract.JobRecord[]> {
    return this.#use((session) => get(session, ids, cut));
  }

  watch(ids: readonly string[]): Promise<contract.EndedJob[]> {
    return this.#use((session) => watch(session, ids));
  }

  appendices(id: string): Promise<contract.Appendices> {
    return this.#use((session) => readAppendices(session, id));
  }

  parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly contract.ParentRecord[]>> {
    return this.#use((session) => parents(session, ids));
  }

  list(query: contract.ListQuery): Promise<contract.Page> {
    return this.#use((session) => list(session, query));
  }

  counts(): Promise<contract.StateCounts> {
    return this.#use(counts);
  }

  statistics(range: contract.StatisticsRange): Promise<contract.StatisticsHour[]> {
    return this.#use((session) => statistics(session, range));
  }

  servers(): Promise<contract.ServerRecord[]> {
    return this.#use(servers);
  }

  expire(request: contract.ExpireRequest): Promise<contract.ExpireResult> {
    return this.#use(async (session) => {
      await fold(session);
      return await expire(session, { ...request, limit: bite(request.limit) });
    });
  }

  now(): Promise<number> {
    return this.#use(now);
  }

  subscribe(listener: contract.SignalListener): () => void {
    return this.#signals.subscribe(listener);
  }

  leaseThread(): contract.LeaseThread | undefined {
    const { url } = this.#connection;
    const workerData = { url, name: this.name, schema: this.#schema };
    return url === undefined ? undefined : { url: moduleBeside(import.meta.url, "lease-thread"), workerData };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#calls.close();
    this.#lowWater.close();
    await this.#signals.close();
    await this.#connection.close();
  }

  async #rows<T>(doing: string, rows: number, run: (session: Session) => Promise<T>): Promise<T> {
    refuseTooMany(doing, rows);
    return await this.#use(run);
  }

  /** `own`: what the storage sees beside the transaction. */
  async #within<T>(
    tx: PostgresTransaction,
    rows: number,
    doing: string,
    call: (own: Session) => CallWithin<T>,
  ): Promise<T> {
    contract.requireTransaction(this, tx);
    return await this.#rows(doing, rows, (own) => this.#callers.call(tx, doing, call(own)));
  }

  #use<T>(run: (session: Session) => Promise<T>): Promise<T> {
    return this.#calls.use(run);
  }
}
