/** What one storage can do and what it bears: data, so that code and tests ask instead of guessing. */
export interface StorageManifest {
  /** `sqlite`, `postgres`, `mysql`, `redis`, `memory`, or a third party's own name. */
  readonly engine: string;
  /** Rows one call may carry; callers chunk. */
  readonly maxRows: number;
  /**
   * Jobs that a server takes ahead of its slots at most. Default: 125, for engines whose claims hold up the event loop.
   * More, where each claim is a round trip.
   */
  readonly largestBuffer?: number;
  /**
   * Inserts that may be under way at the same time and are still done in the order in which they were asked for: the
   * next is put together, or on its way, while the one before is worked on. Default: 1.
   */
  readonly insertsAtOnce?: number;
  /** Jobs that are worth an insert beside those under way; fewer gather until one is done. Default: `maxRows`. */
  readonly worthAnInsert?: number;
  /** Other processes can open the same jobs. */
  readonly shared: boolean;
  /** Stored jobs outlive the process. */
  readonly persistent: boolean;
}

/**
 * What a resolved write has survived.
 *
 * - `fsync`: a power cut right after.
 * - `os`: the death of the process; a power cut or a crash of the operating system may lose the last moments.
 * - `none`: nothing but the process keeps it.
 */
export type DurabilityLevel = "fsync" | "os" | "none";

/** How durable a storage is set: said in words at start when it is weak. */
export interface Durability {
  readonly level: DurabilityLevel;
  /** The setting behind it, for people: `synchronous=FULL`. */
  readonly setting: string;
}
