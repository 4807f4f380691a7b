import { FirelaterError, isInstance } from "../base/error.ts";
import type { CreatedContext, CreatingBatch, JobFilter } from "../job/job-filter.ts";
import { checkPriority, checkQueue } from "../job/options.ts";
import type { InsertOutcome, NewJob } from "../storage/index.ts";
import { electOrThrow } from "./elect-state.ts";
import { type FilterChain, nameOf } from "./filter-chain.ts";
import { JobDraft } from "./job-draft.ts";

/** A filter has cancelled the call: nothing was stored (`FL_ENQUEUE_CANCELLED`). */
export class EnqueueCancelledError extends FirelaterError {
  /** What the filter gave as its reason. */
  readonly reason: string | undefined;

  constructor(job: string, filter: JobFilter, reason: string | undefined) {
    super({
      code: "FL_ENQUEUE_CANCELLED",
      what: `The filter "${nameOf(filter)}" has cancelled the call of ${job}${reason === undefined ? "" : ` (${reason})`}.`,
      why: "Nothing was stored.",
      mend: "Catch this error where a cancelled call is no mistake.",
    });
    this.reason = reason;
  }
}

/** The job has run inside its own call, and has thrown: the call rejects with that (the testing kit's inline mode). */
export class InlineRunError extends Error {
  constructor(thrown: unknown) {
    super("the job has thrown", { cause: thrown });
  }
}

/** What is done with a job that its filters have let through. */
export interface Creation {
  /** Stores it; gives what the storage says of it. Rejects when it is not stored. */
  readonly store: (job: NewJob) => Promise<InsertOutcome>;
  /**
   * A filter has thrown when all was decided. A call whose job is stored must not reject, or its caller would store it
   * again; one that was refused rejects with what it was refused for.
   */
  readonly lateError: (filter: string, error: unknown) => void;
  /** The jobs that are stored with it, where there are such. */
  readonly batch?: CreatingBatch | undefined;
}

type Outcome =
  | { readonly kind: "stored"; readonly outcome: InsertOutcome }
  | { readonly kind: "threw"; readonly error: unknown };

/** Stores a job inside its filters, each around those that come after it. Throws what is thrown, or the cancellation. */
export async function createFiltered(
  chain: FilterChain,
  job: NewJob,
  { store, lateError, batch }: Creation,
): Promise<InsertOutcome> {
  const draft = new JobDraft(job);
  const course = { draft, items: new Map<unknown, unknown>(), batch, lateError };
  const outcome = await enter(chain.creating, 0, course, async () => {
    await electFirstState(chain, draft);
    return store(draft.toJob());
  });
  if (outcome.kind === "stored") return outcome.outcome;
  const { error } = outcome;
  if (isInstance(error, EnqueueCancelledError)) throw error;
  if (isInstance(error, InlineRunError)) throw error.cause;
  for (const filter of chain.clientExceptions) {
    try {
      await filter.onClientException?.({ job: draft, items: course.items, error });
    } catch (thrown) {
      lateError(nameOf(filter), thrown);
    }
  }
  throw error;
}

interface Course {
  readonly draft: JobDraft;
  readonly items: Map<unknown, unknown>;
  readonly batch: CreatingBatch | undefined;
  readonly lateError: Creation["lateError"];
}

async function enter(
  filters: readonly JobFilter[],
  index: number,
  course: Course,
  store: () => Promise<InsertOutcome>,
): Promise<Outcome> {
  const filter = filters[index];
  if (filter === undefined) return outcomeOf(store);
  const refusal = await creating(filter, course);
  if (refusal !== undefined) return { kind: "threw", error: refusal.error };
  return created(filter, course, await enter(filters, index + 1, course, store));
}

async function creating(
  filter: JobFilter,
  { draft, items, batch }: Course,
): Promise<{ readonly error: unknown } | undefined> {
  let cancelled: EnqueueCancelledError | undefined;
  try {
    await filter.onCreating?.({
      job: draft,
      items,
      batch,
      setQueue: (queue) => draft.change({ queue: checkQueue(queue) }),
      setPriority: (priority) => draft.change({ rank: 0 - checkPriority(priority) }),
      setDisplayName: (text) => draft.setDisplayName(text),
      addTag: (tag) => draft.addTag(tag),
      cancel: (reason) => {
        cancelled ??= new EnqueueCancelledError(draft.name, filter, reason);
      },
    });
    return cancelled === undefined ? undefined : { error: cancelled };
  } catch (error) {
    return { error };
  }
}

async function created(
  filter: JobFilter,
  { draft, items, batch, lateError }: Course,
  outcome: Outcome,
): Promise<Outcome> {
  if (filter.onCreated === undefined) return outcome;
  const error = outcome.kind === "threw" ? outcome.error : undefined;
  const context: CreatedContext = {
    job: draft,
    items,
    batch,
    existed: outcome.kind === "stored" && outcome.outcome.outcome === "exists",
    cancelled: isInstance(error, EnqueueCancelledError),
    error,
  };
  try {
    await filter.onCreated(context);
    return outcome;
  } catch (thrown) {
    if (outcome.kind === "threw" || isInstance(thrown, InlineRunError))
      return { kind: "threw", error: thrown };
    lateError(nameOf(filter), thrown);
    return outcome;
  }
}

async function electFirstState(chain: FilterChain, draft: JobDraft): Promise<void> {
  const candidate = { state: draft.state, entry: draft.entry };
  const decided = await electOrThrow(chain, candidate, {
    job: draft,
    from: null,
    attempt: 1,
    dueAt: null,
    stateAt: null,
    duration: 0,
    latency: 0,
    hasRun: false,
    maxResultBytes: undefined,
  });
  // Not told apart by its entry: the same state in another queue has the same one.
  if (decided !== undefined && decided.elected !== candidate) draft.enter(decided.elected);
}

async function outcomeOf(store: () => Promise<InsertOutcome>): Promise<Outcome> {
  try {
    return { kind: "stored", outcome: await store() };
  } catch (error) {
    return { kind: "threw", error };
  }
}
