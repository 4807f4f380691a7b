/** One life of one server: a new incarnation at every start, and after every lease that was lost. */
export interface ServerAnnouncement {
  /** Unique, at most 200 characters of `[A-Za-z0-9:._@-]`: it is written into history as it is. */
  readonly incarnation: string;
  /** What tells servers apart for people; default the queues joined by commas. */
  readonly name: string;
  /** Names one process table (host, boot and pid namespace); only there does `pid` mean anything. */
  readonly host: string;
  readonly pid: number;
  /** When the process started, in whatever unit its system counts; with `pid` it outlives pid reuse. */
  readonly pidStartedAt: string;
  readonly queues: readonly string[];
  readonly workerCount: number;
  /** The lease: it is live until this long after the last renewal. */
  readonly timeoutMs: number;
}

export interface ServerRecord extends ServerAnnouncement {
  readonly startedAt: number;
  readonly renewedAt: number;
  /** Since when the lease was renewed without a gap. Only a server that is steady for its timeout judges others. */
  readonly steadySince: number;
  readonly live: boolean;
  /** What it has last told of itself: opaque text. Null until it does. */
  readonly vitals: string | null;
  /** What people have asked of it; null when nothing is asked. */
  readonly command: ServerCommand | null;
}

/** `quiet`: fetch nothing more. `resume`: fetch again. `stop`: let running jobs end, then stop. */
export type ServerCommand = "quiet" | "resume" | "stop";

export const SERVER_COMMANDS: readonly ServerCommand[] = ["quiet", "resume", "stop"];
export const VITALS_CHARS = 4_000;

export interface RecoverRequest {
  /** The judge. */
  readonly incarnation: string;
  /** Incarnations on the judge's own host whose process is certainly dead: judged without waiting. */
  readonly dead: readonly string[];
  /** Jobs taken at most in this bite. */
  readonly limit: number;
  /** A blamed job that has reached this many crashes is Failed instead of ready. */
  readonly quarantineAt: number;
}

export interface RecoverResult {
  /** The jobs that are ready again, and those that were quarantined. */
  readonly recovered: readonly RecoveredJob[];
  /** Whether another bite may find more now. */
  readonly more: boolean;
}

export interface RecoveredJob {
  readonly id: string;
  readonly name: string;
  /** The lost incarnation. */
  readonly owner: string;
  readonly crashes: number;
  readonly quarantined: boolean;
}
