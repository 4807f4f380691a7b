import { type Duration, toMilliseconds } from "../base/duration.ts";
import { preview } from "../base/error.ts";
import type { Logger } from "../base/logger.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import { checkQueue, InvalidOptionsError } from "../job/options.ts";
import type { Retention, Storage } from "../storage/index.ts";
import type { Activate } from "./activator.ts";

/** How long finished jobs are kept: a duration, `{ age, count }`, or `"forever"`. */
export type RetentionRule = Duration | "forever" | { readonly age?: Duration; readonly count?: number };

/** Kept per state. Default: Succeeded and Deleted for a day, at most a million each; Failed for ever. */
export interface RetentionOptions {
  readonly succeeded?: RetentionRule | undefined;
  readonly failed?: RetentionRule | undefined;
  readonly deleted?: RetentionRule | undefined;
}

/** How a server works. Everything has a default; durations are texts such as "30s" or objects of parts. */
export interface ServerSettings {
  /** Tells servers apart for people. Default: the queues joined by commas. */
  readonly name?: string | undefined;
  /** Queues in order: jobs of the first run before any of the second. Default `["default"]`. */
  readonly queues?: readonly string[] | undefined;
  /** Jobs that run at the same time. Default 20. */
  readonly workerCount?: number | undefined;
  /** How often the lease is renewed. Default `"10s"`; shorter than half of `serverTimeout`. */
  readonly heartbeatInterval?: Duration | undefined;
  /** After this long without a renewal another server may take this one's jobs. Default `"30s"`. */
  readonly serverTimeout?: Duration | undefined;
  /** How often jobs of lost servers are looked for. Default `"5s"`. */
  readonly serverCheckInterval?: Duration | undefined;
  /** How often the storage is asked when no signal comes. Default `"1s"`. */
  readonly pollingInterval?: Duration | undefined;
  /** How long `stop` lets running jobs go on before they are given back. Default `"15s"`. */
  readonly shutdownTimeout?: Duration | undefined;
  /** `false` leaves SIGTERM and SIGINT to the application. Default true: they stop the server. */
  readonly signals?: boolean | undefined;
  readonly retention?: RetentionOptions | undefined;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger | undefined;
  /** The most bytes that a stored result may take. Default 1 MiB. */
  readonly maxResultBytes?: number | undefined;
}

/** Whether a class of the job set cannot be made with `new Class()`. */
type NeedsArgs<T> = T extends (...args: never[]) => unknown
  ? false
  : T extends abstract new (
        ...args: infer A
      ) => object
    ? [] extends A
      ? false
      : true
    : T extends { readonly prototype: object }
      ? true
      : false;
type NeedsActivate<J> = J extends JobSet
  ? true extends { [K in keyof SourceOf<J>]: NeedsArgs<SourceOf<J>[K]> }[keyof SourceOf<J>]
    ? true
    : false
  : false;

/** `activate` is demanded exactly when a class of `jobs` cannot be made with `new Class()`. */
export type ServerOptions<J> = ServerSettings & {
  readonly storage?: Storage | undefined;
  readonly jobs: J;
} & (NeedsActivate<J> extends true
    ? { readonly activate: Activate }
    : { readonly activate?: Activate | undefined });

/** The settings in milliseconds, checked. */
export interface Timing {
  readonly heartbeatMs: number;
  readonly timeoutMs: number;
  readonly checkMs: number;
  readonly pollingMs: number;
  readonly shutdownMs: number;
}

function invalid(option: string, value: unknown, rule: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${option}: ${rule}.`,
    mend: `Correct ${option} where the server is made.`,
  });
}

export function toTiming(settings: ServerSettings): Timing {
  const ms = (value: Duration | undefined, fallback: Duration, label: string) =>
    toMilliseconds(value ?? fallback, label);
  const heartbeatMs = ms(settings.heartbeatInterval, "10s", "heartbeatInterval");
  const timeoutMs = ms(settings.serverTimeout, "30s", "serverTimeout");
  const checkMs = ms(settings.serverCheckInterval, "5s", "serverCheckInterval");
  const pollingMs = ms(settings.pollingInterval, "1s", "pollingInterval");
  for (const [label, value] of Object.entries({ heartbeatMs, timeoutMs, checkMs, pollingMs })) {
    if (value < 1) throw invalid(label.replace("Ms", ""), value, "it is shorter than 1 ms");
  }
  if (heartbeatMs * 2 >= timeoutMs) {
    const rule = "it is not shorter than half of serverTimeout, so one late renewal would lose the lease";
    throw invalid("heartbeatInterval", settings.heartbeatInterval, rule);
  }
  return {
    heartbeatMs,
    timeoutMs,
    checkMs,
    pollingMs,
    shutdownMs: ms(settings.shutdownTimeout, "15s", "shutdownTimeout"),
  };
}

export function toQueues(queues: readonly string[] = ["default"]): readonly string[] {
  if (!Array.isArray(queues) || queues.length === 0 || queues.length > 100) {
    throw invalid("queues", queues, "it is not a list of 1 to 100 names");
  }
  for (const queue of queues) checkQueue(queue);
  if (new Set(queues).size !== queues.length) throw invalid("queues", queues, "a name repeats");
  return [...queues];
}

export function toWorkerCount(count = 20): number {
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw invalid("workerCount", count, "it is not an integer from 1 to 1000");
  }
  return count;
}

const DEFAULT_RETENTION: RetentionRule = { age: "1d", count: 1_000_000 };

export function toRetention({ succeeded, failed, deleted }: RetentionOptions = {}): readonly Retention[] {
  return [
    rule("Succeeded", succeeded ?? DEFAULT_RETENTION),
    rule("Deleted", deleted ?? DEFAULT_RETENTION),
    rule("Failed", failed ?? "forever"),
  ].filter(({ ageMs, count }) => ageMs !== null || count !== null);
}

function rule(state: Retention["state"], kept: RetentionRule): Retention {
  if (kept === "forever") return { state, ageMs: null, count: null };
  if (typeof kept === "string" || !("age" in kept || "count" in kept)) {
    return { state, ageMs: toMilliseconds(kept as Duration, "retention"), count: null };
  }
  const { age, count } = kept;
  if (count !== undefined && (!Number.isInteger(count) || count < 0)) {
    throw invalid("retention", count, "count is not a whole number");
  }
  return { state, ageMs: age === undefined ? null : toMilliseconds(age, "retention"), count: count ?? null };
}
