/** Whether texts that were read hold what this version writes. One that does not must harm no other recurring job. */
import { isRecord } from "../job/options.ts";
import type { Definition, ScheduledJob, ScheduleError, Status } from "./schedule.ts";

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
    (found.displayName === null || isText(found.displayName))
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
