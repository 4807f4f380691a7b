/** The member of an entry of Failed that says which failures are the same: 16 hexadecimal digits, before all other data. */
export const FINGERPRINT = "fingerprint";

export interface FailureQuery {
  /** The newest so many Failed jobs are looked at, up to `MAX_SCAN`. */
  readonly scan: number;
  /** Groups at most, the largest first. */
  readonly limit: number;
}

/** Failed jobs whose errors have one fingerprint. */
export interface FailureGroup {
  /** Empty for jobs that failed before there were fingerprints. */
  readonly fingerprint: string;
  readonly count: number;
  /** When the first and the last of them failed. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The id of the last one. */
  readonly last: string;
}
