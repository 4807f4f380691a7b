import { readArguments } from "../job/read-arguments.ts";
import type { RecurringRecord } from "../storage/index.ts";
import type { Misfire } from "./plan-slots.ts";
import { readDefinition, readStatus } from "./schedule.ts";
import type { Definition, Status } from "./stored-form.ts";

/** A recurring job as `recurring.get` and `list` show it. Times are the storage's clock. */
export interface RecurringJobDetails {
  readonly id: string;
  /** The name of the job that it begins. */
  readonly name: string;
  readonly displayName: string | null;
  readonly queue: string;
  readonly priority: number;
  /** The arguments; placeholders as texts such as "{job.dueAt}". Null when the stored text cannot be read. */
  readonly arguments: readonly unknown[] | null;
  /** As it was written. */
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: Misfire;
  /** Whether it fires by itself. `disabled`: it failed five times in a row; adding it again mends it, and so do pause and resume. */
  readonly state: "active" | "paused" | "disabled";
  /** Null when paused, disabled, or when the expression never matches again. */
  readonly nextRun: Date | null;
  /** The slot that was fired last, or when it was triggered by hand; null when it never ran. */
  readonly lastRun: Date | null;
  readonly lastJobId: string | null;
  /** Why its last slot could not be fired; null when it could. */
  readonly error: { readonly message: string; readonly at: Date; readonly failures: number } | null;
  readonly createdAt: Date;
  /** The set of `sync` that it belongs to; null when it was added by itself. */
  readonly set: string | null;
}

export function toRecurringDetails(record: RecurringRecord): RecurringJobDetails {
  const { definition, status } = readLeniently(record);
  const { job, cron, timeZone, misfire, set } = definition;
  const { lastRunAt, lastJobId, error } = status;
  return {
    id: record.id,
    name: job.name,
    displayName: job.displayName,
    queue: job.queue,
    priority: 0 - job.rank,
    arguments: readArguments(job.args),
    cron,
    timeZone,
    misfire,
    state: stateOf(record, status),
    nextRun: dateOf(record.nextAt),
    lastRun: dateOf(lastRunAt),
    lastJobId: lastJobId ?? null,
    error:
      error === undefined
        ? null
        : { message: error.message, failures: error.failures, at: new Date(error.at) },
    createdAt: new Date(record.createdAt),
    set: set ?? null,
  };
}

const UNREADABLE: Definition = {
  v: 1,
  cron: "",
  timeZone: "UTC",
  misfire: "relaxed",
  job: { name: "", queue: "", rank: 0, args: "", displayName: null },
};

/** The set of `sync` that a record belongs to; one that cannot be read is in none. */
export function setOf(record: RecurringRecord): string | undefined {
  return readLeniently(record).definition.set;
}

/** Looking at one that this version cannot read must work: its error says why. */
function readLeniently(record: RecurringRecord): { definition: Definition; status: Status } {
  const status = attempt(() => readStatus(record)) ?? {};
  return { definition: attempt(() => readDefinition(record)) ?? UNREADABLE, status };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function stateOf({ nextAt }: RecurringRecord, { paused, error }: Status): RecurringJobDetails["state"] {
  if (paused === true) return "paused";
  return error !== undefined && nextAt === null ? "disabled" : "active";
}

function dateOf(at: number | null | undefined): Date | null {
  return at === null || at === undefined ? null : new Date(at);
}
