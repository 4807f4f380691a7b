import type { JobState } from "../../storage/job-record.ts";
import type { JobProgress } from "./job.ts";
import type { Snapshot } from "./overview.ts";

/** What a live stream tells beside the snapshot. */
export interface EventsQuery {
  /** Job ids to watch, joined by commas, at most 10. */
  readonly jobs?: string;
}

/**
 * Server-sent events: the name is that of the member, the data its JSON. A comment comes every 15 seconds. When the stream
 * ends, connect again; when it cannot be opened, poll `GET snapshot`.
 */
export interface LiveEvents {
  /** At once, then at most once a second, and only when something in it has changed but its time. */
  readonly snapshot: Snapshot;
  /** A watched job has changed: ask for it again. */
  readonly job: JobChange;
  /** The stream is about to be ended by the server (it is old, or the process stops): connect again. */
  readonly bye: { readonly reason: string };
}

/** How a watched job stands now. */
export interface JobChange {
  readonly id: string;
  /** Null when it is gone. */
  readonly state: JobState | null;
  readonly fence: string;
  /** Lines kept now: rises while it logs. Null without `view-data`. */
  readonly logLines: number | null;
  readonly progress: JobProgress | null;
}
