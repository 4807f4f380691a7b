import type { Redis } from "ioredis";
import {
  type Change,
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  type CommitOutcome,
  type EndedJob,
  type InsertOutcome,
  type JobRecord,
  type NewJob,
  type PromoteResult,
  type RecoverRequest,
  type RecoverResult,
  type ReleaseResult,
  type ServerAnnouncement,
  type Storage,
  StorageClosedError,
  type StorageManifest,
} from "../../storage/index.ts";
import { onlyKept, onlyKeptChanges } from "../shared/not-kept-yet.ts";
import { claim, giveBack } from "./claim.ts";
import { commit } from "./commit.ts";
import { toStorageError } from "./errors.ts";
import { release } from "./gates.ts";
import { insert } from "./insert.ts";
import { rootKey } from "./keys.ts";
import { announce, heartbeat, recover } from "./leases.ts";
import { promote } from "./promote.ts";
import { get, watch } from "./read.ts";
import { JOBS_IN_ONE_SCRIPT, type Verb } from "./script.ts";

export interface RedisStorageOptions {
  /** Whoever made the client closes it. */
  readonly client: Redis;
  /** Names one storage among others in one database. Default `firelater`. */
  readonly prefix?: string;
}

type VerbsSoFar =
  | ("name" | "manifest" | "close" | "insert" | "claim" | "giveBack" | "commit" | "announce" | "heartbeat")
  | ("recover" | "promote" | "release" | "get" | "watch" | "now");

/** The verbs that exist so far. Exported from the package once it is a whole `Storage`. */
export class RedisStorage implements Pick<Storage, VerbsSoFar> {
  readonly name: string;
  readonly manifest: StorageManifest = {
    engine: "redis",
    maxRows: JOBS_IN_ONE_SCRIPT,
    shared: true,
    persistent: true,
  };
  readonly #client: Redis;
  readonly #root: string;
  readonly #underWay: Set<Promise<unknown>> = new Set();
  #closed = false;

  constructor({ client, prefix = "firelater" }: RedisStorageOptions) {
    const { host, port, path, db } = client.options;
    this.name = `redis://${path ?? `${host}:${port}`}/${db ?? 0}#${prefix}`;
    this.#client = client;
    this.#root = rootKey(prefix);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  async insert(jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
    return this.#ask(insert, onlyKept(this.name, jobs));
  }

  claim(request: ClaimRequest): Promise<ClaimedJob[]> {
    return this.#ask(claim, request);
  }

  giveBack(claims: readonly Claim[]): Promise<ClaimOutcome[]> {
    return this.#ask(giveBack, claims);
  }

  async commit(changes: readonly Change[]): Promise<CommitOutcome[]> {
    return this.#ask(commit, onlyKeptChanges(this.name, changes));
  }

  announce(server: ServerAnnouncement): Promise<void> {
    return this.#ask(announce, server);
  }

  heartbeat(incarnation: string): Promise<boolean> {
    return this.#ask(heartbeat, incarnation);
  }

  recover(request: RecoverRequest): Promise<RecoverResult> {
    return this.#ask(recover, request);
  }

  promote(limit: number): Promise<PromoteResult> {
    return this.#ask(promote, limit);
  }

  release(limit: number): Promise<ReleaseResult> {
    return this.#ask(release, limit);
  }

  get(ids: readonly string[]): Promise<JobRecord[]> {
    return this.#ask(get, ids);
  }

  watch(ids: readonly string[]): Promise<EndedJob[]> {
    return this.#ask(watch, ids);
  }

  async now(): Promise<number> {
    const [seconds, micros] = await this.#guard("read the clock", () => this.#client.time());
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }

  async #ask<Request, Answer>(
    { doing, script, args, answer }: Verb<Request, Answer>,
    request: Request,
  ): Promise<Answer> {
    const reply = await this.#guard(doing, () => script.run(this.#client, this.#root, args(request)));
    return answer(reply, request);
  }

  async #guard<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StorageClosedError(this.name);
    const asked = ask();
    this.#underWay.add(asked);
    try {
      return await asked;
    } catch (error) {
      throw toStorageError(this.name, doing, error);
    } finally {
      this.#underWay.delete(asked);
    }
  }
}
