import type { Bounded } from "./envelope.ts";
import type { ShownError } from "./job.ts";
import type { JobRow } from "./jobs.ts";

/** Failed jobs whose errors are the same. */
export interface ErrorGroup {
  /** 16 hexadecimal digits; empty for jobs that failed before there were fingerprints. */
  readonly fingerprint: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The last of these jobs; null when it has changed meanwhile. */
  readonly last: JobRow | null;
  /** Its error; null without `view-data`. */
  readonly error: ShownError | null;
  /** For `GET jobs` and for operations: the jobs of this group. Null where the group has no fingerprint. */
  readonly filter: { readonly state: "Failed"; readonly error: string } | null;
}

/** The errors of failed jobs, grouped. */
export interface ErrorGroups extends Bounded {
  /** The largest first, at most 100. `incomplete: "scan"`: only the newest failed jobs were looked at. */
  readonly groups: readonly ErrorGroup[];
  /** All failed jobs. */
  readonly failed: number;
  /** So many of the newest were looked at. */
  readonly scanned: number;
}
