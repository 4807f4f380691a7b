import type { Logger } from "../base/logger.ts";
import { JobEventHub } from "../job/job-event-hub.ts";
import { type FirstState, firstStateOf } from "../states/index.ts";
import type { Change, InsertOutcome, JobRecord, JobState, NewJob } from "../storage/index.ts";

/** A job that an event of a client tells of. */
export interface ClientJobEvent {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
}

/** A job that a client has moved. */
export interface MovedJobEvent extends ClientJobEvent {
  /** The state that it was in. */
  readonly from: JobState;
}

/** What a client tells, each after the storage has answered: what an event tells of is stored. */
export interface ClientEvents {
  /** A call was stored, by whichever method: `state` says whether it runs at once, later, or after its parents. */
  enqueued: ClientJobEvent & { readonly state: FirstState };
  /** A job of this id was there before: nothing was stored. */
  existed: ClientJobEvent;
  /** Made ready again by this client. */
  requeued: MovedJobEvent;
  /** Scheduled anew by this client. */
  rescheduled: MovedJobEvent;
  /** Deleted by this client. */
  deleted: MovedJobEvent;
}

/** What became of a job that was moved, by the state that it has entered: a filter may have elected another one. */
const MOVES = { Enqueued: "requeued", Scheduled: "rescheduled", Deleted: "deleted" } as const;

/** Composes the events of a client only for those who hear them. */
export class ClientEventHub extends JobEventHub<ClientEvents> {
  constructor(logger: Logger) {
    super({
      names: ["enqueued", "existed", "requeued", "rescheduled", "deleted"],
      label: "the events of a client",
      logger,
    });
  }

  stored(jobs: readonly NewJob[], outcomes: readonly InsertOutcome[]): void {
    // Nearly always nobody hears: then a job costs nothing here.
    if (!this.hears("enqueued") && !this.hears("existed")) return;
    for (const [at, job] of jobs.entries()) {
      const { id, name, queue } = job;
      const outcome = outcomes[at]?.outcome;
      if (outcome === "inserted") this.emit("enqueued", { id, name, queue, state: firstStateOf(job) });
      else if (outcome === "exists") this.emit("existed", { id, name, queue });
    }
  }

  moved({ id, name, queue, state: from }: JobRecord, change: Change): void {
    if (change.state === "Succeeded" || change.state === "Failed") return;
    const event = MOVES[change.state];
    if (this.hears(event)) this.emit(event, { id, name, queue: change.queue ?? queue, from });
  }
}
