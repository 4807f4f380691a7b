import { isInstance } from "../base/error.ts";
import type { JobFilter, PerformContext, PerformedContext, PerformingContext } from "../job/job-filter.ts";
import { type FilterChain, nameOf } from "./filter-chain.ts";

/** A filter has cancelled the run: the job is Deleted, with this reason. No error of the job. */
export class RunCancelled extends Error {
  constructor(filter: JobFilter, reason: string | undefined) {
    super(`Cancelled by the filter "${nameOf(filter)}"${reason === undefined ? "" : `: ${reason}`}`);
  }
}

type Outcome =
  | { readonly kind: "returned"; readonly result: unknown }
  | { readonly kind: "threw"; readonly error: unknown };

/**
 * Runs a job inside its filters, each around those that come after it. Gives what the run gives; throws what it throws,
 * or `RunCancelled`. `isAsked` says whether the run was asked to end by its server: then no exception filter is.
 */
export async function performFiltered(
  chain: FilterChain,
  context: PerformContext,
  run: () => unknown,
  isAsked: () => boolean,
): Promise<unknown> {
  const outcome = await enter(chain.performing, 0, context, run);
  if (outcome.kind === "returned") return outcome.result;
  if (isInstance(outcome.error, RunCancelled) || isAsked()) throw outcome.error;
  return askExceptionFilters(chain.serverExceptions, context, outcome.error);
}

async function enter(
  filters: readonly JobFilter[],
  index: number,
  context: PerformContext,
  run: () => unknown,
): Promise<Outcome> {
  const filter = filters[index];
  if (filter === undefined) return outcomeOf(run);
  const refusal = await perform(filter, context);
  if (refusal !== undefined) return { kind: "threw", error: refusal.error };
  const inner = () => enter(filters, index + 1, context, run);
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

function around(filter: JobFilter, context: PerformContext, inner: () => Promise<Outcome>): Promise<Outcome> {
  const next = async () => {
    const outcome = await inner();
    if (outcome.kind === "threw") throw outcome.error;
    return outcome.result;
  };
  return outcomeOf(() => filter.aroundPerform?.(context, next));
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
  context: PerformContext,
  thrown: unknown,
): Promise<unknown> {
  let handled: { readonly result: unknown } | undefined;
  for (const filter of filters) {
    await filter.onServerException?.({
      ...context,
      error: thrown,
      handled: handled !== undefined,
      handle: (result) => {
        handled ??= { result };
      },
    });
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
