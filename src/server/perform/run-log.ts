import { FirelaterError } from "../../base/error.ts";
import type { Logger } from "../../base/logger.ts";
import { type Appendix, type ClaimOutcome, LOG_CHARS, LOG_LINES } from "../../storage/index.ts";
import type { JobRun, RunRecorder } from "./job-context.ts";

/** Lines wait this long for others before they are written: a job that logs in a loop costs a few writes a second. */
const GATHER_MS = 100;
const TEXT_CHARS = 10_000;
const DATA_CHARS = 10_000;

/** Progress that is no finite number (`FL_INVALID_PROGRESS`). */
export class InvalidProgressError extends FirelaterError {}

interface Pending {
  readonly lines: Appendix[];
  chars: number;
  progress: Appendix | undefined;
  parameters: Appendix | undefined;
  dropped: number;
}

/** Where lines are written: the storage or, in a thread, the way to it. */
export interface LogSink {
  readonly manifest: { readonly maxRows: number };
  append(appendices: readonly Appendix[]): Promise<readonly ClaimOutcome[]>;
}

/**
 * Log lines and progress of the runs of one server, on their way to the storage. They are written in groups, and at
 * last before the run's own commit: after it the fence would refuse them. A log that cannot be written is reported and
 * dropped: it must not fail the job.
 */
export class RunLog implements RunRecorder {
  readonly #storage: LogSink;
  readonly #logger: Pick<Logger, "warn">;
  readonly #pending = new Map<JobRun, Pending>();
  readonly #ended = new WeakSet<JobRun>();
  #onTheWay: ReadonlySet<JobRun> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: LogSink, logger: Pick<Logger, "warn">) {
    this.#storage = storage;
    this.#logger = logger;
  }

  log(run: JobRun, text: string, data: object | undefined): void {
    const line = logLine(run, text, data);
    push(this.#of(run), line);
  }

  progress(run: JobRun, value: number, text: string | undefined): void {
    const progress = progressOf(run, value, text);
    this.#of(run).progress = progress;
  }

  /** The commit of the run writes them, too: this is for a run that does not come to its end. */
  parameters(run: JobRun): void {
    const text = run.changedParameters;
    if (text !== undefined) this.#of(run).parameters = parametersOf(run, text);
  }

  /** The commit of the run carries its parameters: they need no write of their own. */
  parametersCarried(run: JobRun): void {
    const pending = this.#pending.get(run);
    if (pending === undefined) return;
    pending.parameters = undefined;
    if (pending.lines.length === 0 && pending.progress === undefined) this.#pending.delete(run);
  }

  /** What a run has said elsewhere, in its thread. */
  accept(run: JobRun, appendices: readonly Appendix[]): void {
    const pending = this.#of(run);
    for (const appendix of appendices) {
      if (appendix.kind === "progress") pending.progress = appendix;
      else if (appendix.kind === "parameters") pending.parameters = appendix;
      else push(pending, appendix);
    }
  }

  /** Whether a run has said anything that is not written yet: only then does its commit wait for a write. */
  hasPending(run: JobRun): boolean {
    return this.#pending.has(run) || this.#onTheWay.has(run);
  }

  /** Writes the last lines of a run. */
  flushLast(run: JobRun): Promise<void> {
    this.#ended.add(run);
    return this.flush();
  }

  /** Writes what is pending, of all runs at once. Never rejects: the commit of a run waits for it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write()).catch(() => {});
    return this.#writing;
  }

  /** Its own transaction may hold its row, and so hold up whoever writes to it. */
  #isHeldBack(run: JobRun): boolean {
    return run.completion !== undefined && !this.#ended.has(run);
  }

  #take(run: JobRun): Appendix[] {
    const pending = this.#pending.get(run);
    this.#pending.delete(run);
    if (pending === undefined) return [];
    const { lines, dropped, progress, parameters } = pending;
    return [
      ...lines,
      ...(dropped > 0 ? [droppedLine(run, dropped)] : []),
      ...(progress === undefined ? [] : [progress]),
      ...(parameters === undefined ? [] : [parameters]),
    ];
  }

  /** Those that were refused, for their claim does not hold. */
  async #appendAll(appendices: readonly Appendix[]): Promise<Appendix[]> {
    const stale: Appendix[] = [];
    const chunk = this.#storage.manifest.maxRows;
    for (let at = 0; at < appendices.length; at += chunk) {
      const some = appendices.slice(at, at + chunk);
      const outcomes = await this.#storage.append(some);
      stale.push(...some.filter((_, nth) => outcomes[nth] === "stale"));
    }
    return stale;
  }

  #of(run: JobRun): Pending {
    let pending = this.#pending.get(run);
    if (pending === undefined) {
      pending = { lines: [], chars: 0, progress: undefined, parameters: undefined, dropped: 0 };
      this.#pending.set(run, pending);
      this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
    }
    return pending;
  }

  async #write(): Promise<void> {
    const written = [...this.#pending.keys()].filter((run) => !this.#isHeldBack(run));
    const appendices = written.flatMap((run) => this.#take(run));
    this.#onTheWay = new Set(written);
    try {
      const stale = await this.#appendAll(appendices);
      const completed = new Set(
        written.filter(({ completion }) => completion !== undefined).map(({ id }) => id),
      );
      // Its own transaction was committed: that is one fence further, and nobody else's.
      await this.#appendAll(
        stale.filter(({ id }) => completed.has(id)).map((one) => ({ ...one, fence: one.fence + 1 })),
      );
    } catch (error) {
      this.#logger.warn(`${appendices.length} log lines of running jobs could not be stored`, error);
    } finally {
      this.#onTheWay = new Set();
    }
  }
}

/** More than the storage would keep is not gathered: a job that logs in a loop must not fill the memory. */
function push(pending: Pending, line: LogAppendix): void {
  const chars = line.text.length + (line.data?.length ?? 0);
  if (pending.lines.length >= LOG_LINES || pending.chars + chars > LOG_CHARS) pending.dropped++;
  else {
    pending.lines.push(line);
    pending.chars += chars;
  }
}

function claimOf(run: JobRun): { id: string; fence: number; attempt: number } {
  return { id: run.claim.id, fence: run.claim.fence, attempt: run.attempt };
}

type LogAppendix = Appendix & { readonly kind: "log" };

export function logLine(run: JobRun, text: string, data: object | undefined): LogAppendix {
  return { ...claimOf(run), kind: "log", text: clip(textOf(text)), data: toData(data) };
}

export function progressOf(run: JobRun, value: number, text: string | undefined): Appendix {
  if (!Number.isFinite(value)) {
    throw new InvalidProgressError({
      code: "FL_INVALID_PROGRESS",
      what: `Progress is a finite number, not ${String(value)}.`,
      mend: "Pass how far the job is, such as 0 to 100.",
    });
  }
  return { ...claimOf(run), kind: "progress", value, text: text === undefined ? null : clip(text) };
}

export function parametersOf(run: JobRun, text: string): Appendix {
  return { ...claimOf(run), kind: "parameters", text };
}

export function droppedLine(run: JobRun, dropped: number, withinMs: number = GATHER_MS): Appendix {
  const text = `${dropped} more lines came within ${withinMs} ms and were dropped`;
  return { ...claimOf(run), kind: "log", text, data: null };
}

function clip(text: string): string {
  return (text.length <= TEXT_CHARS ? text : `${text.slice(0, TEXT_CHARS - 1)}…`).toWellFormed();
}

/** From JavaScript anything may come, and a log never throws. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return String(value);
  } catch {
    return `(a ${typeof value} that cannot be shown)`;
  }
}

function toData(data: object | undefined): string | null {
  if (data === undefined) return null;
  try {
    const text = JSON.stringify(data) ?? "null";
    return text.length <= DATA_CHARS ? text : JSON.stringify({ omitted: `${text.length} characters` });
  } catch (error) {
    return JSON.stringify({ omitted: error instanceof Error ? error.message : String(error) });
  }
}
