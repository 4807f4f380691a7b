import { setTimeout as delay } from "node:timers/promises";
import type { FilteredJob, JobFilter, StateElectionContext } from "../job/job-filter.ts";
import { failed, refuseIllegal, type StateCandidate, summarizeError } from "../states/index.ts";
import type { JobState } from "../storage/index.ts";
import { type ElectionRun, electedCandidate } from "./elected-candidate.ts";
import { type FilterChain, nameOf } from "./filter-chain.ts";
import { inTime } from "./in-time.ts";
import { EntryView } from "./state-view.ts";

/** A filter that throws may ask something that is down for a moment. */
const WAITS_MS: readonly number[] = [100, 1_000];

/** Whose state is to be decided, and what is known of it. */
export interface ElectionSubject extends ElectionRun {
  readonly job: FilteredJob;
  /** The state that the job is in; null when it is about to be stored. */
  readonly from: JobState | null;
  readonly attempt: number;
  readonly dueAt: number | null;
  readonly stateAt: number | null;
  /** What the run has thrown. */
  readonly error?: unknown;
  /** What automatic retry makes of Failed; left out where there is nothing to retry. */
  readonly retry?: ((failed: StateCandidate, thrown: unknown) => StateCandidate) | undefined;
}

/** The state that was decided, and those that it has replaced, oldest first. */
export interface Elected {
  readonly elected: StateCandidate;
  readonly replaced: readonly StateCandidate[];
}

/** What a state may be before it is decided: that the job is Processing is written already. */
export type Candidate = Omit<StateCandidate, "state"> & { readonly state: JobState };

/** A filter has thrown while a state was decided. */
export class FilterFailedError extends Error {
  readonly filter: string;

  constructor(filter: JobFilter, cause: unknown) {
    super(`the filter "${nameOf(filter)}" threw`, { cause });
    this.filter = nameOf(filter);
  }
}

/**
 * Asks the filters, and automatic retry among them, which state the job is to enter. Undefined: the candidate stands,
 * and nothing was to be decided of it (a job that is Processing already).
 *
 * @throws FilterFailedError
 */
export async function electState(
  { electing, applied }: FilterChain,
  candidate: Candidate,
  subject: ElectionSubject,
): Promise<Elected | undefined> {
  const election = new Election(candidate, subject);
  await election.ask(electing.beforeRetry);
  election.retry();
  await election.ask(electing.afterRetry);
  const decided = election.decided();
  if (decided === undefined) return undefined;
  const context = {
    job: subject.job,
    from: subject.from,
    to: new EntryView(decided.elected),
    traversed: election.traversed,
  };
  for (const filter of applied) await guarded(filter, () => filter.onStateApplied?.(context));
  return decided;
}

/** The same, throwing what the filter threw: for a caller who hears of it. */
export async function electOrThrow(
  chain: FilterChain,
  candidate: Candidate,
  subject: ElectionSubject,
): Promise<Elected | undefined> {
  try {
    return await electState(chain, candidate, subject);
  } catch (error) {
    throw causeOf(error);
  }
}

/**
 * The same for a run that has ended: what a filter throws must not lose it. It is tried again a few times; then the job
 * is Failed, without a filter being asked: it waits for a person, who sees what it would have become.
 */
export async function electAfterRun(
  chain: FilterChain,
  candidate: StateCandidate,
  subject: ElectionSubject,
): Promise<Elected> {
  for (let tries = 0; ; tries++) {
    try {
      return (await electState(chain, candidate, subject)) ?? { elected: candidate, replaced: [] };
    } catch (error) {
      const wait = WAITS_MS[tries];
      if (wait === undefined) return failedByFilter(candidate, error);
      await delay(wait);
    }
  }
}

function failedByFilter(candidate: StateCandidate, error: unknown): Elected {
  const filter = error instanceof FilterFailedError ? `the filter "${error.filter}"` : "a filter";
  const reason = `Failed: ${filter} threw while ${candidate.state} was elected`;
  return { elected: failed(summarizeError(causeOf(error)), reason), replaced: [candidate] };
}

async function guarded(filter: JobFilter, ask: () => unknown): Promise<void> {
  try {
    const answer = ask();
    // Whatever can be awaited, such as a query that is no promise yet.
    if (answer !== undefined) await inTime(Promise.resolve(answer));
  } catch (cause) {
    throw new FilterFailedError(filter, cause);
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof FilterFailedError ? error.cause : error;
}

/** The course of one election. */
class Election {
  readonly traversed: EntryView[] = [];
  readonly #subject: ElectionSubject;
  readonly #replaced: StateCandidate[] = [];
  #candidate: Candidate;
  /** The candidate, unless it is the state that the job is in already. */
  #decided: StateCandidate | undefined;
  #error: unknown;

  constructor(candidate: Candidate, subject: ElectionSubject) {
    this.#candidate = candidate;
    this.#subject = subject;
    this.#error = subject.error;
    if (isDecision(candidate)) this.#decided = candidate;
  }

  async ask(filters: readonly JobFilter[]): Promise<void> {
    for (const filter of filters) {
      const asked = { isOpen: true };
      try {
        await guarded(filter, () => filter.onStateElection?.(this.#context(asked)));
      } finally {
        asked.isOpen = false;
      }
    }
  }

  retry(): void {
    const { retry } = this.#subject;
    if (retry === undefined || this.#decided?.state !== "Failed") return;
    const next = retry(this.#decided, this.#error);
    if (next !== this.#decided) this.#replaceBy(next);
  }

  decided(): Elected | undefined {
    return this.#decided === undefined ? undefined : { elected: this.#decided, replaced: this.#replaced };
  }

  /** What the filter says after it has answered comes too late. */
  #context(asked: { readonly isOpen: boolean }): StateElectionContext {
    const { job, from, attempt, dueAt, stateAt } = this.#subject;
    return {
      job,
      from,
      candidate: new EntryView(this.#candidate),
      traversed: [...this.traversed],
      attempt,
      error: this.#error,
      dueAt,
      stateAt,
      elect: (state) => {
        if (!asked.isOpen) return;
        const next = electedCandidate(state, this.#subject);
        refuseIllegal(from, next.state);
        this.#replaceBy(next);
        if (state.state === "Failed") this.#error = state.error;
      },
    };
  }

  #replaceBy(next: StateCandidate): void {
    this.traversed.push(new EntryView(this.#candidate));
    if (this.#decided !== undefined) this.#replaced.push(this.#decided);
    this.#candidate = next;
    this.#decided = next;
  }
}

/** Processing and Awaiting are entered by claims and by insert: they are not written by whoever elects. */
function isDecision(candidate: Candidate): candidate is StateCandidate {
  return candidate.state !== "Processing" && candidate.state !== "Awaiting";
}
