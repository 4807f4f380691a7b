import { decodeValue } from "../job/codec.ts";
import { readParameters } from "../job/parameter-bag.ts";
import { readArguments } from "../job/read-arguments.ts";
import type { Appendices, Hold, JobRecord, JobState } from "../storage/index.ts";

/** One state that the job was in: what its `reason` and further members say depends on the state. */
export interface HistoryEntry {
  readonly at: Date;
  readonly state: JobState;
  readonly reason?: string;
  readonly [member: string]: unknown;
}

/** A job as `client.get` shows it. Times are the storage's clock. */
export interface JobDetails {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly state: JobState;
  /**
   * Why the job may not run now: its time (`"due"`), its parents (`"gate"`), that no permit of its key is free
   * (`"limit"`), or that no server knows its name (`"unknown"`); null otherwise.
   */
  readonly waitingFor: Hold | null;
  readonly createdAt: Date;
  readonly dueAt: Date | null;
  /** The number of the current run, or of the next one: 1 for the first. */
  readonly attempt: number;
  /** Servers that died while this job was running and to blame. */
  readonly crashes: number;
  /** The arguments; placeholders as texts such as "{job.signal}". Null when the stored text cannot be read. */
  readonly arguments: readonly unknown[] | null;
  readonly tags: readonly string[];
  /** How many jobs of its key may be on their way at a time; null when nothing limits it. */
  readonly limit: {
    readonly key: string;
    readonly max: number;
    readonly whenFull: "wait" | "skip";
  } | null;
  /** What its filters, its caller and its own runs keep with it, by name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Oldest first, the current state last. Of a long history the newest 50 entries are kept. */
  readonly history: readonly HistoryEntry[];
  /** The newest 1,000 lines that the job logged. */
  readonly logs: readonly {
    readonly at: Date;
    readonly attempt: number;
    readonly text: string;
    readonly data: unknown;
  }[];
  readonly progress: {
    readonly at: Date;
    readonly attempt: number;
    readonly value: number;
    readonly text: string | null;
  } | null;
}

export function toJobDetails(job: JobRecord, { logs, progress }: Appendices): JobDetails {
  return {
    id: job.id,
    name: job.name,
    displayName: job.displayName,
    queue: job.queue,
    priority: 0 - job.rank,
    state: job.state,
    waitingFor: job.hold,
    createdAt: new Date(job.createdAt),
    dueAt: job.dueAt === null ? null : new Date(job.dueAt),
    attempt: job.state === "Succeeded" ? job.failures + 1 : attemptOf(job),
    crashes: job.crashes,
    arguments: readArguments(job.args),
    tags: job.tags,
    limit: job.limit,
    parameters: readParameters(job.parameters),
    history: toHistory(job),
    logs: logs.map((line) => ({
      ...line,
      at: new Date(line.at),
      data: line.data === null ? null : JSON.parse(line.data),
    })),
    progress: progress === null ? null : { ...progress, at: new Date(progress.at) },
  };
}

/** A job that has failed for good shows its last run, every other one the run that it is in or that comes next. */
function attemptOf(job: JobRecord): number {
  return job.state === "Failed" || job.state === "Deleted" ? Math.max(job.failures, 1) : job.failures + 1;
}

function toHistory(job: JobRecord): HistoryEntry[] {
  const lines = job.history.split("\n").filter(Boolean);
  const past = lines.map((line): Stored => JSON.parse(line)).filter((entry) => entry.dropped === undefined);
  const current: Stored[] =
    job.state === "Enqueued" ? [] : [JSON.parse(`{"at":${job.stateAt},${job.entry}}`)];
  return [...past, ...current].map((entry) => ({ ...entry, ...readResult(entry), at: new Date(entry.at) }));
}

/** A result as the job returned it, not as it is stored. */
function readResult({ result }: Stored): { result?: unknown } {
  if (result === undefined) return {};
  try {
    return { result: decodeValue(JSON.stringify(result)) };
  } catch {
    // Shown as it is stored: looking at a broken job must work.
    return { result };
  }
}

interface Stored {
  readonly at: number;
  readonly result?: unknown;
  readonly state: JobState;
  readonly dropped?: number;
}
