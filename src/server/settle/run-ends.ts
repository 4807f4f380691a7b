import type { Logger } from "../../base/logger.ts";
import { apply, failed } from "../../states/index.ts";
import { type CommitOutcome, StorageRefusedError } from "../../storage/index.ts";
import type { JobRun } from "../perform/job-context.ts";
import type { RunLog } from "../perform/run-log.ts";
import type { Settlement, Verdict } from "../perform/verdict.ts";
import type { ServerEventHub } from "../server-events.ts";
import type { Committer } from "./committer.ts";
import { settle } from "./settle.ts";

export interface RunEndsParts {
  readonly committer: Committer;
  readonly runLog: RunLog;
  readonly events: ServerEventHub;
  readonly logger: Logger;
  /** What became of a claim cannot be stored. */
  readonly lost: (doing: string, run: JobRun, error: unknown) => void;
}

/** A run that has ended, on its way into the storage. */
interface RunEnd {
  readonly run: JobRun;
  readonly settlement: Settlement;
  readonly done: () => void;
}

/** Stores what runs came to, and tells it: log → settle → commit → events. */
export class RunEnds {
  readonly #parts: RunEndsParts;

  constructor(parts: RunEndsParts) {
    this.#parts = parts;
  }

  /** `done` is called when the end is stored, or cannot be. */
  store(run: JobRun, verdict: Verdict, done: () => void): void {
    const end = { run, settlement: settle(run, verdict), done };
    const { runLog } = this.#parts;
    if (verdict.parameters !== undefined) runLog.parametersCarried(run);
    if (runLog.hasPending(run)) void runLog.flushLast(run).then(() => this.#commit(end));
    else this.#commit(end);
  }

  #commit(end: RunEnd): void {
    this.#parts.committer.post(
      end.settlement.change,
      (outcome) => this.#stored(end, outcome),
      (error) => void this.#notStored(end, error),
    );
  }

  #stored(end: RunEnd, outcome: CommitOutcome): void {
    const { run, settlement, done } = end;
    const { completion } = run;
    if (outcome === "applied" || outcome === "already") this.#parts.events.settled(run, settlement);
    else if (completion !== undefined && completion.elected !== settlement.elected) {
      this.#commit({ run, settlement: this.#completedBefore(end, completion), done });
      return;
    } else {
      this.#parts.logger.warn(
        `the end of job ${run.id} (${run.name}) was not accepted: it was changed meanwhile (${outcome})`,
      );
    }
    done();
  }

  /** The run has thrown after its own transaction was committed, it seems: whether that is so the fence tells. */
  #completedBefore({ run, settlement }: RunEnd, completion: Settlement): Settlement {
    run.completion = undefined;
    const thrown = settlement.candidate.summary?.message ?? "no message";
    this.#parts.logger.error(
      `job ${run.id} (${run.name}) threw after it had completed in its own transaction, and is not tried again: ${thrown}`,
    );
    return completion;
  }

  async #notStored({ run, done }: RunEnd, error: unknown): Promise<void> {
    if (error instanceof StorageRefusedError) await this.#commitRefusal(run, error);
    else this.#parts.lost("storing the end", run, error);
    done();
  }

  /** The engine cannot hold what the job returned or threw: the job fails visibly instead of being lost in a loop. */
  async #commitRefusal(run: JobRun, error: StorageRefusedError): Promise<void> {
    this.#parts.logger.error(`the storage refused the outcome of job ${run.id} (${run.name})`, error);
    // In our own words: the engine's message may quote the very text that it refuses.
    const summary = { type: error.name, message: "The log of the server says why." };
    const candidate = failed(summary, "The storage refused the outcome of the run");
    try {
      await this.#parts.committer.commit(apply(run.claim, candidate));
    } catch (second) {
      this.#parts.lost("storing the refused end", run, second);
    }
  }
}
