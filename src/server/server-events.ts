import { EventHub } from "../base/events.ts";
import type { Logger } from "../base/logger.ts";
import type { ErrorSummary, StateCandidate } from "../states/index.ts";
import type { ClaimedJob, RecoveredJob } from "../storage/index.ts";
import type { JobRun } from "./job-context.ts";
import type { Settlement } from "./settle.ts";

/** The run of a job that an event tells of. */
export interface JobEvent {
  readonly id: string;
  readonly name: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Milliseconds that the run took. */
  readonly duration: number;
}

/** What a server tells, each after the commit of what it tells of. */
export interface ServerEvents {
  succeeded: JobEvent;
  /** Failed for good: no retry is left, or none was wanted. */
  failed: JobEvent & { readonly error: string };
  /** The run has failed and the job runs again. */
  retrying: JobEvent & { readonly error: string };
  /** Deleted by its retry policy (`onExhausted: "delete"`). */
  deleted: JobEvent & { readonly error: string };
  /** Given back because the server stops. */
  interrupted: JobEvent;
  /** Put aside: no job of this name is registered here. */
  parked: { readonly id: string; readonly name: string };
  /** Taken from a lost server: ready again, or quarantined at its third crash. */
  recovered: RecoveredJob;
}

/** Composes events only for those who listen, and writes the few that people on call must see to the log. */
export class ServerEventHub extends EventHub<ServerEvents> {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    super((error, event) => logger.error(`a listener of "${event}" threw`, error));
    this.#logger = logger;
  }

  settled(run: JobRun, { candidate, elected }: Settlement, duration: number): void {
    // Nearly every run ends here: nothing is composed that nobody hears.
    if (candidate.state === "Succeeded" && !this.hears("succeeded")) return;
    const event = { id: run.id, name: run.name, attempt: run.attempt, duration };
    if (candidate.state === "Failed") this.#failed(event, elected, candidate.summary);
    else this.emit(candidate.state === "Succeeded" ? "succeeded" : "interrupted", event);
  }

  #failed(event: JobEvent, elected: StateCandidate, summary: ErrorSummary | undefined): void {
    const error = summary === undefined ? "" : `${summary.type}: ${summary.message}`;
    const failed = { ...event, error };
    const what = `job ${event.id} (${event.name}) failed in attempt ${event.attempt}`;
    if (elected.state === "Failed") {
      this.#logger.error(`${what}: ${error}`);
      this.emit("failed", failed);
    } else if (elected.state === "Deleted") this.emit("deleted", failed);
    else {
      this.#logger.warn(`${what} and is tried again: ${error}`);
      this.emit("retrying", failed);
    }
  }

  parked({ id, name }: ClaimedJob): void {
    this.#logger.warn(`job ${id} is put aside: no job "${name}" is registered on this server`);
    this.emit("parked", { id, name });
  }

  recovered(job: RecoveredJob): void {
    const what = job.quarantined ? "is quarantined after its third crash" : "is ready again";
    this.#logger.warn(`job ${job.id} (${job.name}) of the lost server ${job.owner} ${what}`);
    this.emit("recovered", job);
  }
}
