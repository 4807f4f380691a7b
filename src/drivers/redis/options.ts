import { Cluster, Redis, type RedisOptions } from "ioredis";
import { type Duration, toMilliseconds } from "../../base/duration.ts";
import { preview } from "../../base/error.ts";
import { InvalidStorageOptionsError } from "../../storage/index.ts";
import { refuseUnknownNames } from "../shared/known-options.ts";
import { nodesOf, type Place } from "./nodes.ts";
import { OWN_SETTINGS } from "./own-settings.ts";

/** Where the jobs are: an ioredis client of yours, for one server or for a cluster. */
export interface RedisSource {
  /**
   * Its settings are used for connections of the storage's own, which behave as the storage needs it (nothing is sent
   * twice, nothing is queued while the server is away). The client itself is neither used nor closed.
   */
  readonly client: Redis | Cluster;
}

/** How a Redis storage is kept, and how long it waits. */
export interface RedisStorageOptions {
  /** Names one storage among others in one database: every key begins with it, in braces. Default `"firelater"`. */
  readonly prefix?: string | undefined;
  /** How long one call waits for its answer, a connection that has to be made anew included. Default `"10s"`. */
  readonly timeout?: Duration | undefined;
  /**
   * Opens a Redis whose `maxmemory-policy` is not `noeviction`. It may then remove jobs at any time, without a trace:
   * without this option such a server is refused.
   */
  readonly allowEviction?: boolean | undefined;
  /**
   * `false`: opens only a prefix under which something was stored; else `FL_STORE_MISSING`. Redis has no schema that
   * could be migrated. Default `true`.
   */
  readonly migrate?: boolean | undefined;
}

/** Makes a further connection of the same kind. */
export type Connect = () => Redis;

/** How connections are made, and the URL where there is one: another thread can be given that alone. */
export interface Source {
  readonly connect: Connect;
  readonly settings: RedisOptions;
  readonly url: string | undefined;
  /** Further nodes of the same cluster, as far as they are known. */
  readonly nodes: readonly Place[];
  /** Where a node is, seen from here, of which a cluster says that it is there. */
  readonly reach: (place: Place) => Place;
}

const ALONE: Pick<Source, "nodes" | "reach"> = { nodes: [], reach: (place) => place };

export function toSource(given: string | RedisSource): Source {
  if (typeof given !== "string") return fromClient(given);
  if (!isRedisUrl(given)) {
    // No part of it is shown: wherever the mistake is, there may be a password.
    throw new InvalidStorageOptionsError(
      "Cannot use this text as the address of a Redis.",
      'Give a URL such as "redis://localhost:6379/0", "rediss://user:password@host:6380", or { client }.',
    );
  }
  // A client that never connects: ioredis alone knows all that a URL may say.
  const { options: settings } = new Redis(given, { lazyConnect: true });
  return { ...ALONE, url: given, settings, connect: () => new Redis(given, OWN_SETTINGS) };
}

function fromClient(given: RedisSource): Source {
  const { client } = Object(given);
  if (client !== undefined) refuseUnknownNames(given, { client: true }, "what says where Redis is");
  if (client instanceof Cluster) return fromCluster(client);
  if (!(client instanceof Redis)) {
    throw new InvalidStorageOptionsError(
      `Cannot use ${preview(client)} as a client of Redis.`,
      "Give a URL, or { client } with a client of ioredis: new Redis(…) or new Cluster(…).",
    );
  }
  const connect = () => client.duplicate(OWN_SETTINGS);
  return { ...ALONE, url: undefined, settings: client.options, connect };
}

/** All keys of a storage are on one node, so a plain connection will do that goes where the nodes send it. */
function fromCluster(client: Cluster): Source {
  const [first, ...others] = nodesOf(client);
  if (first === undefined) {
    throw new InvalidStorageOptionsError(
      "Cannot use a client of a cluster that was given no node.",
      'Make it with one node at least: new Cluster(["redis://host:6379"]).',
    );
  }
  const { redisOptions, natMap } = client.options;
  const settings: RedisOptions = { ...redisOptions, ...first };
  return {
    url: undefined,
    settings,
    nodes: others.map(({ host = "localhost", port = 6379 }) => ({ host, port })),
    connect: () => new Redis({ ...settings, ...OWN_SETTINGS, replyMapping: "legacy" }),
    reach: (place) => {
      const key = `${place.host}:${place.port}`;
      return (typeof natMap === "function" ? natMap(key) : natMap?.[key]) ?? place;
    },
  };
}

function isRedisUrl(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol } = new URL(given);
  return protocol === "redis:" || protocol === "rediss:";
}

/** A misspelt option must not end as another promise. */
export function checkNames(options: RedisStorageOptions): void {
  refuseUnknownNames(
    options,
    { prefix: true, timeout: true, allowEviction: true, migrate: true },
    "the options of a Redis storage",
  );
}

/** Braces would move the hash tag, and with it the slot of the keys. */
export function toPrefix(given: unknown): string {
  if (given === undefined) return "firelater";
  if (typeof given === "string" && /^[^{}\s]{1,200}$/.test(given)) return given;
  throw new InvalidStorageOptionsError(
    `Cannot use ${preview(given)} as prefix.`,
    "Use 1 to 200 characters without braces and spaces.",
  );
}

export function toMigrates(given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given ?? true;
  throw new InvalidStorageOptionsError(`Cannot use ${preview(given)} as migrate.`, "Give true or false.");
}

export function toTimeoutMs(given: Duration | undefined): number {
  const timeoutMs = given === undefined ? 10_000 : toMilliseconds(given, "timeout");
  if (timeoutMs >= 100) return timeoutMs;
  throw new InvalidStorageOptionsError(
    `Cannot use ${preview(given)} as timeout.`,
    'Use "100ms" or more: a call that has no time to be answered fails, whatever it has done.',
  );
}

/** Host and database, without user and password: what errors and logs may show. */
export function nameOf({ host, port, path, db, tls, sentinels, name }: RedisOptions, prefix: string): string {
  const place = sentinels ? `sentinel:${name}` : (path ?? `${host ?? "localhost"}:${port ?? 6379}`);
  return `redis${tls === undefined ? "" : "s"}://${place}/${db ?? 0}#${prefix}`;
}
