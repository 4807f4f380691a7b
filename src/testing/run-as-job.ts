import { newId } from "../base/ids.ts";
import { quietConsole } from "../base/logger.ts";
import type { Instant } from "../client/instant.ts";
import { type Checks, checkFields, isInteger, isRecord, refuseOption } from "../job/options.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import { type JobContext, JobRun, runInContext } from "../server/perform/job-context.ts";
import { RunLog } from "../server/perform/run-log.ts";
import type { Appendix, ClaimedJob } from "../storage/index.ts";
import { readTime } from "./virtual-clock.ts";

/** What the function is to find in `currentJob()`. Everything has a default. */
export interface RunAsJobOptions {
  /** Default: a new id. */
  readonly id?: string | undefined;
  /** Default `"test"`. */
  readonly name?: string | undefined;
  /** 1 for the first run, the default. */
  readonly attempt?: number | undefined;
  /** Default: now. */
  readonly dueAt?: string | Instant | undefined;
  /** What earlier attempts or filters have kept with the job. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Asks the function to end, as a timeout or a stopping server would. */
  readonly signal?: AbortSignal | undefined;
}

/** What a function gave that ran as a job, and what it said meanwhile. */
export interface RanAsJob<R> {
  readonly result: R;
  /** Its log lines; data as it would be read from a storage. */
  readonly logs: readonly { readonly text: string; readonly data: unknown }[];
  /** Every report of progress, the last one last: a storage keeps only that. */
  readonly progress: readonly { readonly value: number; readonly text: string | null }[];
  /** What is kept with the job for its next attempt. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The last call of `completeIn`; undefined when there was none. */
  readonly completion: { readonly tx: unknown; readonly result: unknown } | undefined;
}

const CHECKS: Checks<RunAsJobOptions> = {
  id: checkText,
  name: checkText,
  attempt: (value, label) => {
    if (!isInteger(value, 1, Number.MAX_SAFE_INTEGER))
      throw refuseOption(value, label, "a whole number from 1 on.");
  },
  dueAt: () => {},
  parameters: (value, label) => {
    if (!isRecord(value)) throw refuseOption(value, label, "an object of values by name.");
  },
  signal: (value, label) => {
    if (!(value instanceof AbortSignal)) throw refuseOption(value, label, "an AbortSignal.");
  },
};

/**
 * Runs a function as a job would run, without any job set or storage: `currentJob()` works in it and in whatever it
 * calls. Rejects with what it throws.
 *
 * @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidInstantError `FL_INVALID_INSTANT`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { currentJob } from "firelater";
 * import { runAsJob } from "firelater/testing";
 *
 * async function importRows(): Promise<number> {
 *   const { attempt, log, parameters } = currentJob();
 *   log("importing", { attempt, from: parameters.get("cursor") });
 *   parameters.set("cursor", 200);
 *   return 100;
 * }
 *
 * const { result, logs, parameters } = await runAsJob(importRows, { attempt: 2, parameters: { cursor: 100 } });
 * assert.equal(result, 100);
 * assert.deepEqual(logs, [{ text: "importing", data: { attempt: 2, from: 100 } }]);
 * assert.deepEqual(parameters, { cursor: 200 });
 * ```
 */
export async function runAsJob<R>(
  run: (job: JobContext) => R | Promise<R>,
  options: RunAsJobOptions = {},
): Promise<RanAsJob<R>> {
  checkFields<RunAsJobOptions>(options, CHECKS, "the options of runAsJob");
  const notes = new Notes();
  let completion: RanAsJob<R>["completion"];
  const complete = async (_: JobRun, tx: unknown, returned: unknown) => {
    completion = { tx, result: returned };
  };
  const job = new JobRun(claimOf(options), notes, { complete });
  const { signal } = options;
  const abort = () => job.abort(reasonOf(signal));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  try {
    const result = await runInContext(job, () => run(job));
    return { result, ...(await notes.read()), parameters: valuesOf(job.parameters), completion };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** What a run says, by the rules of the real log: bounded texts, data as JSON, refused progress. */
class Notes extends RunLog {
  readonly #progress: { readonly value: number; readonly text: string | null }[] = [];
  readonly #written: Appendix[];

  constructor() {
    const written: Appendix[] = [];
    const append = async (appendices: readonly Appendix[]) => {
      written.push(...appendices);
      return appendices.map(() => "applied" as const);
    };
    super({ manifest: { maxRows: 1_000 }, append }, quietConsole);
    this.#written = written;
  }

  override progress(run: JobRun, value: number, text: string | undefined): void {
    super.progress(run, value, text);
    this.#progress.push({ value, text: text ?? null });
  }

  async read(): Promise<Pick<RanAsJob<unknown>, "logs" | "progress">> {
    await this.flush();
    const logs = this.#written.flatMap((one) =>
      one.kind === "log" ? [{ text: one.text, data: one.data === null ? null : JSON.parse(one.data) }] : [],
    );
    return { logs, progress: [...this.#progress] };
  }
}

function claimOf({
  id = newId(),
  name = "test",
  attempt = 1,
  dueAt,
  parameters,
}: RunAsJobOptions): ClaimedJob {
  const now = Date.now();
  const bag = new ParameterBag(null);
  for (const [key, value] of Object.entries(parameters ?? {})) bag.set(key, value);
  return {
    id,
    name,
    queue: "default",
    rank: 0,
    seq: 1,
    state: "Processing",
    stateAt: now,
    entry: "",
    hold: null,
    createdAt: now,
    dueAt: null,
    plannedAt: dueAt === undefined ? null : readTime(dueAt, "dueAt"),
    args: "[]",
    displayName: null,
    failures: attempt - 1,
    crashes: 0,
    fence: 2,
    limit: null,
    parameters: bag.changedText ?? null,
    tags: [],
    owner: null,
    flags: 0,
    history: "",
    blamed: true,
  };
}

function valuesOf(parameters: JobContext["parameters"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(parameters.names().map((name) => [name, parameters.get(name)]));
}

/** A job's signal is always aborted with an error. */
function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("The run was asked to end.", { cause: reason });
}

function checkText(value: unknown, label: string): void {
  if (typeof value !== "string" || value === "") throw refuseOption(value, label, "a text.");
}
