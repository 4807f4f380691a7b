import { isInstance } from "../base/error.ts";
import type { JobFilter, PerformContext, PerformedContext, PerformingContext } from "../job/job-filter.ts";
import { type FilterChain, nameOf } from "./filter-chain.ts";

/** A filter has cancelled the run: the job is Deleted, with this reason. No error of the job. */
export class RunCancelled extends Error {
  constructor(filter: JobFilter, reason: string | undefined) {
    super(`Cancelled by the filter "${nameOf(filter)}"${reason === undefined ? "" : `: ${reason}`}`);
  }
}

/** A run inside its filters. */
export interface FilteredRun {
  readonly context: PerformContext;
  readonly run: () => unknown;
  /** Whether the run was asked to end by its server: then no exception filter is asked. */
  readonly isAsked: () => boolean;
  /** An exception filter has thrown: what it was asked about stands. */
  readonly lateError: (filter: string, error: unknown) => void;
}

type Outcome =
  | { readonly kind: "returned"; readonly result: unknown }
  | { readonly kind: "threw"; readonly error: unknown };

/**
 * Runs a job inside its filters, each around those that come after it. Gives what the run gives; throws what it throws,
 * or `RunCancelled`.
 */
export async function performFiltered(chain: FilterChain, filtered: FilteredRun): Promise<unknown> {
  const outcome = await enter(chain.performing, 0, filtered);
  if (outcome.kind === "returned") return outcome.result;
  if (isInstance(outcome.error, RunCancelled) || filtered.isAsked()) throw outcome.error;
  return askExceptionFilters(chain.serverExceptions, filtered, outcome.error);
}

async function enter(filters: readonly JobFilter[], index: number, filtered: FilteredRun): Promise<Outcome> {
  const { context, run } = filtered;
  const filter = filters[index];
  if (filter === undefined) return outcomeOf(run);
  const refusal = await perform(filter, context);
  if (refusal !== undefined) return { kind: "threw", error: refusal.error };
  const inner = () => enter(filters, index + 1, filtered);
  const outcome = filter.aroundPerform === undefined ? await inner() : await around(filter, context, inner);
  return performed(filter, context, outcome);
}

/** Why nothing further in is to run: the filter has thrown, or cancelled. */
async function perform(filter: JobFilter, context: PerformContext): Promise<{ error: unknown } | undefined> {
  let cancelled: RunCancelled | undefined;
  const performing: PerformingContext = {
    ...context,
    cancel: (reason) => {
      cancelled ??= new RunCancelled(filter, reason);
    },
  };
  try {
    await filter.onPerforming?.(performing);
    return cancelled === undefined ? undefined : { error: cancelled };
  } catch (error) {
    return { error };
  }
}

/**
 * A filter that does not wait for the run that it has begun must not end it: then the run's own outcome counts. So does
 * the run's own result where the filter gives none: most only watch, and a forgotten `return` would lose it for good.
 */
async function around(
  filter: JobFilter,
  context: PerformContext,
  inner: () => Promise<Outcome>,
): Promise<Outcome> {
  let begun: Promise<Outcome> | undefined;
  let ended: Outcome | undefined;
  let isOver = false;
  const next = async () => {
    // Its run is decided: code that began now would run beside it, and nobody would hear how it went.
    if (isOver) throw new TypeError(`the filter "${nameOf(filter)}" called next when it had ended`);
    if (begun !== undefined) throw new TypeError(`the filter "${nameOf(filter)}" called next twice`);
    begun = inner();
    ended = await begun;
    if (ended.kind === "threw") throw ended.error;
    return ended.result;
  };
  // Where nobody waits for what it gives, that it rejects is told by the outcome.
  const watched = () => {
    const given = next();
    given.catch(() => {});
    return given;
  };
  const outcome = await outcomeOf(() => filter.aroundPerform?.(context, watched));
  isOver = true;
  if (outcome.kind === "threw" || begun === undefined) return outcome;
  if (ended === undefined) return begun;
  return ended.kind === "returned" && outcome.result === undefined ? ended : outcome;
}

async function performed(filter: JobFilter, context: PerformContext, outcome: Outcome): Promise<Outcome> {
  if (filter.onPerformed === undefined) return outcome;
  const error = outcome.kind === "threw" ? outcome.error : undefined;
  const view: PerformedContext = {
    ...context,
    result: outcome.kind === "returned" ? outcome.result : undefined,
    error,
    cancelled: isInstance(error, RunCancelled),
  };
  try {
    await filter.onPerformed(view);
    return outcome;
  } catch (thrown) {
    return { kind: "threw", error: thrown };
  }
}

async function askExceptionFilters(
  filters: readonly JobFilter[],
  { context, lateError }: FilteredRun,
  thrown: unknown,
): Promise<unknown> {
  let handled: { readonly result: unknown } | undefined;
  for (const filter of filters) {
    try {
      await filter.onServerException?.({
        ...context,
        error: thrown,
        handled: handled !== undefined,
        handle: (result) => {
          handled ??= { result };
        },
      });
    } catch (error) {
      lateError(nameOf(filter), error);
    }
  }
  if (handled === undefined) throw thrown;
  return handled.result;
}

async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { kind: "returned", result: await run() };
  } catch (error) {
    return { kind: "threw", error };
  }
}
