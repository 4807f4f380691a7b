import type { ServerCommand } from "../../storage/lease.ts";
import type { Bounded } from "./envelope.ts";

/** What a server tells of its process; each is null where it does not. */
export interface Vitals {
  /** When it told this; null where it does not say. */
  readonly at: number | null;
  /** Milliseconds since it was made. */
  readonly uptimeMs: number | null;
  readonly version: string | null;
  readonly runtime: string | null;
  /** `running` or `quiet`. */
  readonly phase: string | null;
  readonly busy: number | null;
  readonly buffered: number | null;
  /** Share of one core, 0 to the number of cores. */
  readonly cpu: number | null;
  readonly rssBytes: number | null;
  readonly heapBytes: number | null;
  /** p99 of the last seconds, in milliseconds, and the longest. */
  readonly eventLoopDelayMs: number | null;
  readonly eventLoopDelayMaxMs: number | null;
  /** Milliseconds that the storage takes for a heartbeat. */
  readonly storageMs: number | null;
  /** Jobs finished since it started. */
  readonly succeeded: number | null;
  readonly failed: number | null;
  /** The jobs that have been running longest there, at most 20. */
  readonly runs: readonly { readonly id: string; readonly name: string; readonly forMs: number }[];
  /** What else it tells, as it is. */
  readonly more: { readonly [key: string]: string | number | boolean | null };
}

/** One life of one server. */
export interface Server {
  readonly incarnation: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly queues: readonly string[];
  readonly workerCount: number;
  readonly startedAt: number;
  readonly renewedAt: number;
  readonly timeoutMs: number;
  /** Its lease is live: renewed within `timeoutMs`. */
  readonly live: boolean;
  /** Jobs that are Processing there, as far as the first page of them tells; null when it was not counted. */
  readonly processing: number | null;
  readonly vitals: Vitals | null;
  readonly command: ServerCommand | null;
}

/** All servers that have a lease, live or not. */
export interface Servers extends Bounded {
  readonly servers: readonly Server[];
}
