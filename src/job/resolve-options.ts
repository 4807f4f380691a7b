import { toMilliseconds } from "../base/duration.ts";
import type { JobFilter } from "./job-filter.ts";
import type { JobOptions, RetryOptions } from "./job-options.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE, DEFAULT_RETRIES } from "./options.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** A job's options after "*", group and own are laid over each other and the defaults are filled in. */
export interface ResolvedJobOptions {
  readonly queue: string;
  readonly priority: number;
  readonly displayName: string | undefined;
  readonly tags: readonly string[];
  readonly concurrency: ConcurrencyRule | undefined;
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly latencyTimeoutMs: number | undefined;
  readonly idempotentCompletion: boolean;
  /** Those of all jobs, of the group and of the job, in this order. */
  readonly filters: readonly JobFilter[];
  readonly retry: RetryPolicy;
  readonly formerly: readonly string[];
  readonly args: StandardSchema | undefined;
}

/** The limit of a job; `key` is a template, undefined means the job's name. */
export interface ConcurrencyRule {
  readonly limit: number;
  readonly key: string | undefined;
  readonly whenFull: "wait" | "skip";
}

/** `retry: false` is a policy of no retries. */
export interface RetryPolicy {
  readonly retries: number;
  /** Undefined: the default curve. The last one repeats. */
  readonly delaysMs: readonly number[] | undefined;
  readonly onlyOn: RetryOptions["onlyOn"];
  readonly exceptOn: RetryOptions["exceptOn"];
  readonly onExhausted: "fail" | "delete";
}

/**
 * Lays options over each other, from general to special: a field that is given wins over the layers before it.
 * `retry` is laid field by field, so that `{ delays }` of one job keeps the `retries` of its group; `false` wipes what
 * came before, and an object after `false` starts from the defaults.
 */
export function resolveOptions(layers: readonly (JobOptions | undefined)[]): ResolvedJobOptions {
  const merged: JobOptions = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    const retry = mergeRetry(merged.retry, layer.retry);
    assignGiven(merged, layer);
    merged.retry = retry;
  }
  return Object.freeze({
    queue: merged.queue ?? DEFAULT_QUEUE,
    priority: merged.priority ?? DEFAULT_PRIORITY,
    displayName: merged.displayName,
    tags: Object.freeze([...(merged.tags ?? [])]),
    concurrency: concurrencyRule(merged.concurrency),
    timeoutMs: merged.timeout === undefined ? undefined : toMilliseconds(merged.timeout),
    latencyTimeoutMs: merged.latencyTimeout === undefined ? undefined : toMilliseconds(merged.latencyTimeout),
    idempotentCompletion: merged.idempotentCompletion === true,
    filters: Object.freeze(layers.flatMap((layer) => layer?.filters ?? [])),
    retry: retryPolicy(merged.retry),
    formerly: Object.freeze([...(merged.formerly ?? [])]),
    args: merged.args,
  });
}

function concurrencyRule(concurrency: JobOptions["concurrency"]): ConcurrencyRule | undefined {
  if (concurrency === undefined) return undefined;
  const {
    limit = 1,
    key,
    whenFull = "wait",
  } = typeof concurrency === "number" ? { limit: concurrency } : concurrency;
  return Object.freeze({ limit, key, whenFull });
}

function mergeRetry(base: JobOptions["retry"], own: JobOptions["retry"]): JobOptions["retry"] {
  if (own === undefined || own === false) return own ?? base;
  return assignGiven({ ...(base || {}) }, own);
}

function retryPolicy(retry: JobOptions["retry"]): RetryPolicy {
  const given = retry || {};
  return Object.freeze({
    retries: retry === false ? 0 : (given.retries ?? DEFAULT_RETRIES),
    delaysMs: given.delays?.map((delay) => toMilliseconds(delay)),
    onlyOn: given.onlyOn,
    exceptOn: given.exceptOn,
    onExhausted: given.onExhausted ?? "fail",
  });
}

function assignGiven<T extends object>(target: T, source: T): T {
  for (const [field, value] of Object.entries(source)) {
    if (value !== undefined) Reflect.set(target, field, value);
  }
  return target;
}
