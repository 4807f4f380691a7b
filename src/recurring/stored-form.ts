/**
 * What the two texts of a recurring job hold, and whether texts that were read hold it: one that does not must harm no
 * other recurring job.
 */
import { isRecord } from "../job/options.ts";
import type { NewJob } from "../storage/index.ts";
import type { Misfire } from "./plan-slots.ts";

/** What runs: everything that decides where a job goes was read when the schedule was stored. */
export type ScheduledJob = Pick<
  NewJob,
  "name" | "queue" | "rank" | "args" | "displayName" | "tags" | "limit"
>;

/** What nearly no job carries: left out where there is none, so that the text of all others stays as it was. */
export function attachedTo({ tags, limit }: Pick<NewJob, "tags" | "limit">): Pick<NewJob, "tags" | "limit"> {
  return { ...(tags === undefined ? {} : { tags }), ...(limit === undefined ? {} : { limit }) };
}

/** The text `definition` of a recurring job: what runs, and when. */
export interface Definition {
  readonly v: 1;
  /** As it was written. */
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: Misfire;
  readonly job: ScheduledJob;
  /** The set of `sync` that it belongs to. */
  readonly set?: string;
}

/** The text `status` of a recurring job: what became of it so far. */
export interface Status {
  /** The slot that was fired last, or the time of the last trigger by hand, whichever came later. */
  readonly lastRunAt?: number;
  readonly lastJobId?: string;
  readonly paused?: true;
  readonly error?: ScheduleError;
}

/** Why a slot could not be fired. */
export interface ScheduleError {
  readonly message: string;
  readonly at: number;
  readonly failures: number;
  /** The first slot that was not fired: it is not lost when the cause is mended. */
  readonly since: number | null;
}

/** What a Date can hold. */
const FARTHEST = 8.64e15;

export function isDefinition(found: unknown): found is Definition {
  return (
    isRecord(found) &&
    found.v === 1 &&
    isText(found.cron) &&
    isText(found.timeZone) &&
    (found.misfire === "relaxed" || found.misfire === "strict" || found.misfire === "ignorable") &&
    isJob(found.job) &&
    isMissingOr(found.set, isText)
  );
}

export function isStatus(found: unknown): found is Status {
  return (
    isRecord(found) &&
    isMissingOr(found.lastRunAt, isTime) &&
    isMissingOr(found.lastJobId, isText) &&
    (found.paused === undefined || found.paused === true) &&
    isMissingOr(found.error, isError)
  );
}

function isJob(found: unknown): found is ScheduledJob {
  return (
    isRecord(found) &&
    isText(found.name) &&
    isText(found.queue) &&
    Number.isInteger(found.rank) &&
    isText(found.args) &&
    (found.displayName === null || isText(found.displayName)) &&
    isMissingOr(found.tags, isTags) &&
    isMissingOr(found.limit, isLimit)
  );
}

function isTags(found: unknown): boolean {
  return Array.isArray(found) && found.every(isText);
}

function isLimit(found: unknown): boolean {
  return (
    isRecord(found) &&
    isText(found.key) &&
    Number.isInteger(found.max) &&
    (found.whenFull === "wait" || found.whenFull === "skip")
  );
}

function isError(found: unknown): found is ScheduleError {
  return (
    isRecord(found) &&
    isText(found.message) &&
    isTime(found.at) &&
    Number.isInteger(found.failures) &&
    (found.since === null || isTime(found.since))
  );
}

function isMissingOr(found: unknown, is: (found: unknown) => boolean): boolean {
  return found === undefined || is(found);
}

function isText(found: unknown): found is string {
  return typeof found === "string";
}

function isTime(found: unknown): found is number {
  return typeof found === "number" && Number.isInteger(found) && Math.abs(found) <= FARTHEST;
}
