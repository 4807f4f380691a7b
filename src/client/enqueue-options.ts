import { checkTags } from "../job/check-job-options.ts";
import {
  checkFields,
  checkPriority,
  checkQueue,
  InvalidOptionsError,
  isRecord,
  refuseOption,
} from "../job/options.ts";
import { GATE_CONDITIONS, type GateCondition } from "../storage/index.ts";
import { checkId } from "./check-id.ts";

/** What one call of many may say against the options of its job. */
export interface CallOptions {
  /** 1 to 100 of `a-z 0-9 _ -`. Default: the queue of the job. */
  queue?: string | undefined;
  /** Higher runs first: an integer from -32767 to 32767. Default: the priority of the job. */
  priority?: number | undefined;
  /** Your own id (UUID): the same call again stores nothing new. Default: a new UUID version 7. */
  id?: string | undefined;
  /** Beside those of the job: at most 20 in all, of at most 100 characters each. */
  tags?: readonly string[] | undefined;
  /** Values that the job and its filters find in `parameters`: kept as JSON, 20,000 characters in all. */
  parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** What one call may say. `Tx` is what the storage of the client takes as a transaction. */
export interface EnqueueOptions<Tx = never> extends CallOptions {
  /**
   * A transaction of your own in the storage's database: the job is stored when you commit, and never when you roll
   * back. PostgreSQL and MySQL: the connection; SQLite: the `DatabaseSync` that the storage was made with; or what an
   * adapter of your library gives.
   */
  tx?: Tx | undefined;
}

const CHECKS = {
  queue: checkQueue,
  priority: checkPriority,
  id: checkId,
  tags: checkTags,
  parameters: checkParameters,
};
/** Which value is a transaction only the storage knows. */
const WITH_TX = { ...CHECKS, tx: () => {} };

function checkParameters(value: unknown, label: string): void {
  if (!isRecord(value)) throw refuseOption(value, label, "an object of values by name.");
}

/** Throws at the first option of one call that is not well-formed. */
export function checkEnqueueOptions(options: unknown, label = "the options of the call"): void {
  if (options !== undefined) checkFields<EnqueueOptions>(options, WITH_TX, label);
}

/** The same for one of many calls, which share their transaction. */
export function checkCallOptions(options: unknown, label: string): asserts options is CallOptions {
  checkFields<CallOptions>(options, CHECKS, label);
}

/** What `enqueueMany` takes for all of its calls: an id is one job's own. */
export type SharedOptions<Tx = never> = Omit<EnqueueOptions<Tx>, "id">;

/** Narrows to options that many calls can share. */
export function checkSharedOptions(options: CallOptions | undefined): void {
  checkEnqueueOptions(options, "the options of all calls");
  if (options?.id === undefined) return;
  throw new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: "Cannot use one id for all calls of enqueueMany.",
    why: "An id is one job's own: the first call would be stored and the others taken for repeats of it.",
    mend: "Give pairs, like [j.mail.welcome(address), { id }].",
  });
}

/** One call's own options over those that all calls share; undefined means that it is not given. */
export function overlay(shared: CallOptions, own: CallOptions | undefined): CallOptions {
  // Nearly every call of many: nothing is laid over, and nothing has to be made.
  if (own === undefined) return shared;
  return {
    queue: own.queue ?? shared.queue,
    priority: own.priority ?? shared.priority,
    id: own.id,
    tags: own.tags === undefined ? shared.tags : [...(shared.tags ?? []), ...own.tags],
    parameters:
      own.parameters === undefined ? shared.parameters : { ...shared.parameters, ...own.parameters },
  };
}

/** What `continueWith` takes. */
export interface ContinuationOptions<Tx = never> extends EnqueueOptions<Tx> {
  /**
   * When the call is to run: once its parents have all `"succeeded"` (default), were all `"deleted"`, or have `"ended"`
   * one way or the other. If a parent ends otherwise the continuation is Deleted.
   */
  on?: GateCondition | undefined;
}

const CONTINUATION_CHECKS = { ...WITH_TX, on: checkCondition };

/** The condition of a continuation and its other options, checked. */
export function splitContinuationOptions<Tx>(options: ContinuationOptions<Tx> | undefined): {
  readonly condition: GateCondition;
  readonly options: EnqueueOptions<Tx> | undefined;
} {
  if (options === undefined) return { condition: "succeeded", options };
  checkFields<ContinuationOptions<Tx>>(options, CONTINUATION_CHECKS, "the options of the continuation");
  const { on = "succeeded", ...others } = options;
  return { condition: on, options: others };
}

function checkCondition(value: unknown, label: string): void {
  if (GATE_CONDITIONS.some((condition) => condition === value)) return;
  throw refuseOption(value, label, `${GATE_CONDITIONS.map((condition) => `"${condition}"`).join(" or ")}.`);
}
