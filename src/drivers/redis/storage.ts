import { moduleBeside } from "../../base/module-beside.ts";
import type * as contract from "../../storage/index.ts";
import { RedisAdmin } from "./admin.ts";
import { adopt } from "./adopt.ts";
import { append, appendices } from "./append.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { Database } from "./database.ts";
import { expire } from "./expire.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insertOf } from "./insert.ts";
import { announce, check, heartbeat, held, retire, servers } from "./leases.ts";
import { list } from "./list.ts";
import {
  checkNames,
  nameOf,
  type RedisSource,
  type RedisStorageOptions,
  toMigrates,
  toPrefix,
  toSource,
  toTimeoutMs,
} from "./options.ts";
import { ends, parentIds } from "./parents.ts";
import { promote } from "./promote.ts";
import { counts, get, now, watch } from "./read.ts";
import { recover } from "./recover.ts";
import { dueRecurring, getRecurring, listRecurring, saveRecurring } from "./recurring.ts";
import { release } from "./release.ts";
import { JOBS_IN_ONE_SCRIPT, type Verb } from "./script.ts";
import { search } from "./search.ts";
import { DAYS_IN_ONE_SCRIPT, days, hours } from "./statistics.ts";

/**
 * Jobs in Redis or Valkey, 6.2 or later, for any number of processes and machines. Needs the package `ioredis`. What a
 * crash of Redis may lose is set there (`appendonly`, `appendfsync`): see `docs/guide/redis.md`. Opening errors arrive
 * at `ready` and at the first call: `FL_STORAGE_FAILED`, `FL_INVALID_STORAGE_OPTIONS` for a server that may evict jobs,
 * and with `migrate: false` also `FL_STORE_MISSING`.
 *
 * @example
 * ```ts
 * import { RedisStorage } from "firelater/redis";
 *
 * const storage = new RedisStorage("redis://localhost:6379", { prefix: "shop" });
 * await storage.ready;
 * await storage.close();
 * ```
 */
export class RedisStorage implements contract.Storage {
  readonly name: string;
  readonly manifest: contract.StorageManifest = {
    engine: "redis",
    maxRows: JOBS_IN_ONE_SCRIPT,
    insertsAtOnce: 3,
    worthAnInsert: 25,
    shared: true,
    persistent: true,
  };
  readonly ready: Promise<void>;
  readonly admin: contract.StorageAdmin;
  readonly #url: string | undefined;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #database: Database;

  /** @throws InvalidStorageOptionsError `FL_INVALID_STORAGE_OPTIONS`, InvalidDurationError `FL_INVALID_DURATION`. */
  constructor(server: string | RedisSource, options: RedisStorageOptions = {}) {
    checkNames(options);
    const source = toSource(server);
    this.#url = source.url;
    this.#prefix = toPrefix(options.prefix);
    this.#timeoutMs = toTimeoutMs(options.timeout);
    this.name = nameOf(source.settings, this.#prefix);
    this.#database = new Database({
      source,
      name: this.name,
      prefix: this.#prefix,
      timeoutMs: this.#timeoutMs,
      allowEviction: options.allowEviction === true,
      migrates: toMigrates(options.migrate),
    });
    this.ready = this.#database.ready;
    this.admin = new RedisAdmin(this.#database);
  }

  get durability(): contract.Durability {
    return this.#database.durability;
  }

  insert(jobs: readonly contract.NewJob[]): Promise<contract.InsertOutcome[]> {
    return this.#database.ask(insertOf(jobs), jobs);
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    return this.#database.ask(claim, request);
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#database.ask(held, incarnation);
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.ask(park, claims);
  }

  adopt(request: contract.AdoptRequest): Promise<contract.ClaimedJob[]> {
    return this.#database.ask(adopt, request);
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.ask(giveBack, claims);
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.ask(blame, claims);
  }

  commit(changes: readonly contract.Change[]): Promise<contract.CommitOutcome[]> {
    return this.#database.ask(commit, changes);
  }

  append(appendices: readonly contract.Appendix[]): Promise<contract.ClaimOutcome[]> {
    return this.#database.ask(append, appendices);
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#database.ask(announce, server);
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#database.ask(heartbeat, incarnation);
  }

  retire(incarnation: string): Promise<void> {
    return this.#database.ask(retire, incarnation);
  }

  recover(request: contract.RecoverRequest): Promise<contract.RecoverResult> {
    return this.#database.ask(recover, request);
  }

  check(claims: readonly contract.Claim[]): Promise<contract.LostClaim[]> {
    return this.#database.ask(check, claims);
  }

  promote(limit: number): Promise<contract.PromoteResult> {
    return this.#database.ask(promote, limit);
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#database.ask(release, limit);
  }

  saveRecurring(saves: readonly contract.RecurringSave[]): Promise<contract.RecurringOutcome[]> {
    return this.#database.ask(saveRecurring, saves);
  }

  dueRecurring(limit: number): Promise<contract.DueRecurring> {
    return this.#database.ask(dueRecurring, limit);
  }

  getRecurring(ids: readonly string[]): Promise<contract.RecurringRecord[]> {
    return this.#inChunks(getRecurring, ids);
  }

  listRecurring(query: contract.RecurringQuery): Promise<contract.RecurringRecord[]> {
    return this.#database.ask(listRecurring, query);
  }

  get(ids: readonly string[], cut?: contract.RowCut): Promise<contract.JobRecord[]> {
    return this.#database.ask(get, { ids, cut });
  }

  watch(ids: readonly string[]): Promise<contract.EndedJob[]> {
    return this.#database.ask(watch, ids);
  }

  appendices(id: string): Promise<contract.Appendices> {
    return this.#database.ask(appendices, id);
  }

  async parents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly contract.ParentRecord[]>> {
    const asked = await this.#database.ask(parentIds, ids);
    const records = await this.#inChunks(ends, [...new Set(asked.flat())]);
    const found = new Map(records.map((parent) => [parent.id, parent]));
    return new Map(
      ids.map((id, nth) => [id, (asked[nth] ?? []).flatMap((parent) => found.get(parent) ?? [])]),
    );
  }

  list(query: contract.ListQuery): Promise<contract.Page> {
    const { where, ...rest } = query;
    if (where !== undefined) return search(this.#database, { ...rest, where });
    return list(this.#database, query);
  }

  counts(): Promise<contract.StateCounts> {
    return this.#database.ask(counts, undefined);
  }

  async statistics(range: contract.StatisticsRange): Promise<contract.StatisticsHour[]> {
    const found = await this.#inChunks(hours, await this.#database.ask(days, range), DAYS_IN_ONE_SCRIPT);
    return found.filter(({ at }) => at >= range.from && at < range.to);
  }

  servers(): Promise<contract.ServerRecord[]> {
    return this.#database.ask(servers, undefined);
  }

  expire(request: contract.ExpireRequest): Promise<contract.ExpireResult> {
    return this.#database.ask(expire, request);
  }

  now(): Promise<number> {
    return this.#database.ask(now, undefined);
  }

  subscribe(listener: contract.SignalListener): () => void {
    return this.#database.subscribe(listener);
  }

  leaseThread(): contract.LeaseThread | undefined {
    if (this.#url === undefined) return undefined;
    const url = moduleBeside(import.meta.url, "lease-thread");
    return { url, workerData: { url: this.#url, prefix: this.#prefix, timeoutMs: this.#timeoutMs } };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reads more than one script may: each chunk is of its own moment. */
  async #inChunks<Answer>(
    verb: Verb<readonly string[], Answer[]>,
    ids: readonly string[],
    most: number = JOBS_IN_ONE_SCRIPT,
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let at = 0; at < ids.length; at += most)
      answers.push(...(await this.#database.ask(verb, ids.slice(at, at + most))));
    return answers;
  }
}
