import { setTimeout as delay } from "node:timers/promises";
import {
  type Change,
  type CommitOutcome,
  requireTransaction,
  type Storage,
  StorageBusyError,
} from "../../storage/index.ts";
import { settle } from "../settle/settle.ts";
import type { Executor } from "./executor.ts";
import { ClaimLostError, JobCancelledError } from "./interruption.ts";
import type { JobRun, RunCompleter } from "./job-context.ts";
import type { Verdict } from "./verdict.ts";

/** None where the code of jobs has no way to the storage: what holds their transactions is in their threads. */
export function completerFor(storage: Storage, executor: Executor): TransactionCompleter | undefined {
  if (executor.conclude === undefined) return undefined;
  return new TransactionCompleter({ storage, conclude: executor.conclude.bind(executor) });
}

const BUSY_MS = 5;
/** A neighbour that holds the job for longer is no neighbour of moments. */
const PATIENCE_MS = 10_000;

export interface CompleterParts {
  readonly storage: Storage;
  /** What the run would come to if it ended now and returned this. */
  readonly conclude: (run: JobRun, result: unknown) => Verdict | Promise<Verdict>;
}

/**
 * Writes the success of runs in transactions of their own code. The command is kept with the run and is committed once
 * more at its end, outside: a replay when the transaction was committed, and when it was not the run's end as ever. If
 * we crash before their commit, the job is as if it had never been completed, and is recovered.
 */
export class TransactionCompleter implements RunCompleter {
  readonly #parts: CompleterParts;

  constructor(parts: CompleterParts) {
    this.#parts = parts;
  }

  async complete(run: JobRun, tx: never, result: unknown): Promise<void> {
    const { storage, conclude } = this.#parts;
    requireTransaction(storage, tx);
    // An earlier one may be committed already: what becomes of this one does not undo it.
    let { completion } = run;
    run.completion = undefined;
    try {
      const next = settle(run, await conclude(run, result));
      const outcome = await this.#commit(next.change, tx);
      if (outcome === "applied" || outcome === "already") {
        completion = next;
        return;
      }
    } finally {
      run.completion = completion;
    }
    throw run.abortReason instanceof JobCancelledError ? run.abortReason : new ClaimLostError(run.name);
  }

  async #commit(change: Change, tx: never): Promise<CommitOutcome> {
    const { storage } = this.#parts;
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const [outcome = "gone"] = await storage.commit([change], tx);
      if (outcome !== "busy") return outcome;
      if (performance.now() > until) throw new StorageBusyError(storage.name, PATIENCE_MS, undefined);
      await delay(BUSY_MS);
    }
  }
}
