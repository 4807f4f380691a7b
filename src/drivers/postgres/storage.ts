import { maskSecrets } from "../../base/logger.ts";
import type * as contract from "../../storage/index.ts";
import { StorageClosedError } from "../../storage/index.ts";
import { onlyKept, onlyKeptChanges } from "../shared/not-kept-yet.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { toStorageError } from "./errors.ts";
import { release } from "./gates.ts";
import { blame, giveBack, park } from "./give-back.ts";
import { insert } from "./insert.ts";
import { announce, heartbeat, held, recover, retire } from "./leases.ts";
import { LowWater } from "./low-water.ts";
import { migrate } from "./migrate.ts";
import { promote } from "./promote.ts";
import { get, now, watch } from "./read.ts";

const MAX_ROWS = 1_000;

/** The part of the contract that this driver keeps so far; it leaves the package with the rest. */
export type PostgresCore = Pick<
  contract.Storage,
  | "name"
  | "manifest"
  | "ready"
  | "close"
  | "insert"
  | "claim"
  | "held"
  | "park"
  | "giveBack"
  | "blame"
  | "commit"
  | "announce"
  | "heartbeat"
  | "retire"
  | "recover"
  | "promote"
  | "release"
  | "get"
  | "watch"
  | "now"
> &
  AsyncDisposable;

/** Jobs in a schema of a PostgreSQL database, 13 or later. */
export class PostgresStorage implements PostgresCore {
  readonly name: string;
  readonly manifest: contract.StorageManifest = {
    engine: "postgres",
    maxRows: MAX_ROWS,
    shared: true,
    persistent: true,
  };
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #lowWater = new LowWater();
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(url: string, options: ConnectionOptions = {}) {
    this.name = `${maskSecrets(url)} ${options.schema ?? "firelater"}`;
    this.#connection = new Connection(url, this.name, options);
    this.ready = this.#open();
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  insert(jobs: readonly contract.NewJob[]): Promise<contract.InsertOutcome[]> {
    return this.#use((connection) => insert(connection, onlyKept(this.name, jobs)));
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimedJob[]> {
    return this.#use((connection) => claim(connection, this.#lowWater, request));
  }

  held(incarnation: string): Promise<contract.Claim[]> {
    return this.#use((connection) => held(connection, incarnation));
  }

  park(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#use((connection) => park(connection, claims));
  }

  giveBack(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#putBack((connection) => giveBack(connection, claims));
  }

  blame(claims: readonly contract.Claim[]): Promise<contract.ClaimOutcome[]> {
    return this.#use((connection) => blame(connection, claims));
  }

  commit(changes: readonly contract.Change[]): Promise<contract.CommitOutcome[]> {
    const run = async (connection: Connection) => commit(connection, onlyKeptChanges(this.name, changes));
    return changes.some(({ keepSeq }) => keepSeq === true) ? this.#putBack(run) : this.#use(run);
  }

  announce(server: contract.ServerAnnouncement): Promise<void> {
    return this.#use((connection) => announce(connection, server));
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#use((connection) => heartbeat(connection, incarnation));
  }

  retire(incarnation: string): Promise<void> {
    return this.#use((connection) => retire(connection, incarnation));
  }

  recover(request: contract.RecoverRequest): Promise<contract.RecoverResult> {
    return this.#putBack((connection) => recover(connection, { ...request, limit: atMost(request.limit) }));
  }

  promote(limit: number): Promise<contract.PromoteResult> {
    return this.#use((connection) => promote(connection, atMost(limit)));
  }

  release(limit: number): Promise<contract.ReleaseResult> {
    return this.#use((connection) => release(connection, atMost(limit)));
  }

  get(ids: readonly string[]): Promise<contract.JobRecord[]> {
    return this.#use((connection) => get(connection, ids));
  }

  watch(ids: readonly string[]): Promise<contract.EndedJob[]> {
    return this.#use((connection) => watch(connection, ids));
  }

  now(): Promise<number> {
    return this.#use(now);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    try {
      await migrate(this.#connection, this.name);
    } catch (error) {
      throw toStorageError(this.name, "open", error);
    }
  }

  async #close(): Promise<void> {
    await this.ready.catch(() => {});
    await Promise.allSettled(this.#underWay);
    await this.#connection.close();
  }

  /** For writes that put jobs back at their old place, where the marks of claim have passed. */
  async #putBack<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#use(run);
    } finally {
      this.#lowWater.forget();
    }
  }

  async #use<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new StorageClosedError(this.name);
    const working = this.ready.then(() => run(this.#connection));
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }
}

function atMost(limit: number): number {
  return Math.min(limit, MAX_ROWS);
}
