import type { JobRecord, JobState } from "./job-record.ts";

export interface ClaimRequest {
  /** Who claims. Refused with `LeaseLostError` unless its lease is live by the store's clock. */
  readonly incarnation: string;
  /** Tail of the Processing state, the same for every job of this call. */
  readonly entry: string;
  /** Queues in order: a job of the first is taken before any of the second. */
  readonly queues: readonly string[];
  /** Jobs that start at once: each is to blame when its server dies (`crashes`). */
  readonly slots: number;
  /** Further jobs, to be started within moments: they are not to blame, and recovered jobs are left for a slot. */
  readonly buffer: number;
}

export interface AdoptRequest {
  readonly incarnation: string;
  readonly entry: string;
  readonly queues: readonly string[];
  /** The names this server knows. Parked jobs of these names go straight into Processing. */
  readonly names: readonly string[];
  /** At most this many, each for a slot. */
  readonly slots: number;
}

/** A job in the hands of a server. `fence` guards every later write; `stateAt` is when it was claimed. */
export interface ClaimedJob extends JobRecord {
  /** A crash of the server now counts for this job. False for buffered jobs and for jobs that crashed twice. */
  readonly blamed: boolean;
}

/** A job and the fence under which it is held: what guards every write by its owner. */
export interface Claim {
  readonly id: string;
  readonly fence: number;
}

/** A claim that is over. `state` is where the job is now; null when it is gone. */
export interface LostClaim extends Claim {
  readonly state: JobState | null;
}
