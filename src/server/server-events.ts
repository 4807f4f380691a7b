import type { Logger } from "../base/logger.ts";
import { JobEventHub } from "../job/job-event-hub.ts";
import type { StateCandidate } from "../states/index.ts";
import type { ClaimedJob, JobRecord, RecoveredJob } from "../storage/index.ts";
import type { JobRun } from "./perform/job-context.ts";
import type { Verdict } from "./perform/verdict.ts";

/** The run of a job that an event tells of. */
export interface JobEvent {
  readonly id: string;
  readonly name: string;
  /** The queue that it was fetched from. */
  readonly queue: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** Milliseconds that the run took; 0 where that is not known. */
  readonly duration: number;
}

/** What a server tells, each after the commit of what it tells of. */
export interface ServerEvents {
  succeeded: JobEvent;
  /** Failed for good: no retry is left or none was wanted, or the job was quarantined (then `duration` is 0). */
  failed: JobEvent & { readonly error: string };
  /** The run has failed and the job runs again. */
  retrying: JobEvent & { readonly error: string };
  /** Deleted by its retry policy (`onExhausted: "delete"`) or by a filter; `error` says why. */
  deleted: JobEvent & { readonly error: string };
  /** Given back because the server stops. */
  interrupted: JobEvent;
  /** Put aside: no job of this name is registered here. */
  parked: { readonly id: string; readonly name: string; readonly queue: string };
  /** Taken from a lost server, or from a thread that died: ready again, or quarantined at its third crash. */
  recovered: RecoveredJob;
}

/** One warning for each unknown name is enough; names come from data, so not for any number of them. */
const NAMES_REMEMBERED = 100;

/** Composes events only for those who listen, and writes the few that people on call must see to the log. */
export class ServerEventHub extends JobEventHub<ServerEvents> {
  readonly #logger: Logger;
  readonly #namesParked = new Set<string>();

  constructor(logger: Logger, server: string) {
    super({
      names: ["succeeded", "failed", "retrying", "deleted", "interrupted", "parked", "recovered"],
      label: "the events of a server",
      logger,
      teller: { server },
    });
    this.#logger = logger;
  }

  settled(run: JobRun, { candidate, elected, duration }: Verdict): void {
    // Nearly every run ends here: nothing is composed that nobody hears.
    if (elected.state === "Succeeded" && !this.hears("succeeded")) return;
    if (candidate.crashed === true) this.#crashed(run, candidate);
    const { id, name, attempt, claim } = run;
    const event = { id, name, queue: claim.queue, attempt, duration };
    if (elected.state === "Succeeded") this.emit("succeeded", event);
    else if (candidate.state === "Failed" || elected.state === "Failed")
      this.#failed(event, candidate, elected);
    else if (elected.state === "Deleted") this.emit("deleted", { ...event, error: reasonOf(elected) });
    else if (isInterrupted(candidate)) this.emit("interrupted", event);
  }

  /** Its thread died under it, and its server lives to tell. */
  #crashed({ claim }: JobRun, { state }: StateCandidate): void {
    const { id, name, owner } = claim;
    const quarantined = state === "Failed";
    this.emit("recovered", { id, name, owner: owner ?? "", crashes: claim.crashes + 1, quarantined });
  }

  #failed(event: JobEvent, candidate: StateCandidate, elected: StateCandidate): void {
    const { summary } = elected.state === "Failed" ? elected : candidate;
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

  parked({ id, name, queue }: ClaimedJob): void {
    if (!this.#namesParked.has(name) && this.#namesParked.size < NAMES_REMEMBERED) {
      this.#namesParked.add(name);
      this.#logger.warn(
        `jobs named "${name}" are put aside: no job of that name is registered on this server`,
      );
    }
    this.emit("parked", { id, name, queue });
  }

  /** `rows`: the quarantined ones as they stand; missing where the storage did not say. */
  recovered(jobs: readonly RecoveredJob[], rows: ReadonlyMap<string, JobRecord>): void {
    const ready = jobs.filter(({ quarantined }) => !quarantined);
    if (ready.length > 0) {
      const owners = [...new Set(ready.map(({ owner }) => owner))].join(", ");
      this.#logger.warn(`${ready.length} jobs of the lost server ${owners} are ready again`);
    }
    for (const job of jobs) {
      this.emit("recovered", job);
      if (job.quarantined) this.#quarantined(job, rows.get(job.id));
    }
  }

  /** A job that runs alone keeps the whole server to itself: people must not take that for a standstill. */
  runsAlone({ id, name }: ClaimedJob): void {
    this.#logger.warn(
      `job ${id} (${name}) was running when two servers died: it runs alone now, to see whether it is to blame`,
    );
  }

  #quarantined({ id, name }: RecoveredJob, row: JobRecord | undefined): void {
    const error = "three servers died while this job was running";
    this.#logger.error(`job ${id} (${name}) is quarantined: ${error}; requeue it once the cause is mended`);
    const { queue = "", failures = 0 } = row ?? {};
    this.emit("failed", { id, name, queue, attempt: failures + 1, duration: 0, error });
  }
}

/** Given back to where it stood; a state that a filter elected is Enqueued at the end of its queue. */
function isInterrupted({ state, keepSeq, crashed }: StateCandidate): boolean {
  return state === "Enqueued" && keepSeq === true && crashed !== true;
}

function reasonOf({ entry }: StateCandidate): string {
  const { reason = "" }: { readonly reason?: string } = JSON.parse(`{${entry}}`);
  return reason;
}
