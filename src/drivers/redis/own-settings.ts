import type { RedisOptions } from "ioredis";
import { backoffDelay } from "../../base/backoff.ts";
import { isReplica } from "./errors.ts";

/**
 * How ioredis is to behave, whatever it was given. Nothing is sent twice behind our back: a claim that runs a second
 * time takes jobs of which nobody knows. Nothing is queued while the server is away: it would run long after its caller
 * has given up. And it never stops trying to connect.
 */
export const OWN_SETTINGS = {
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  autoResubscribe: false,
  maxRetriesPerRequest: null,
  enableReadyCheck: true,
  lazyConnect: false,
  // Scripts make their keys by themselves, and their replies are read as they are.
  keyPrefix: "",
  stringNumbers: false,
  enableAutoPipelining: false,
  connectTimeout: 5_000,
  retryStrategy: (times: number) => Math.ceil(backoffDelay({ firstMs: 20, longestMs: 1_000 }, times)),
  reconnectOnError: isReplica,
} as const satisfies RedisOptions;
