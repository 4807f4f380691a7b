import type { Storage } from "firelater";
import type { Amounts } from "../seed/amounts.ts";

/** Stores that many samples share, however much is in them. */
export interface LargeStores {
  /** What fills a large one in a minute or two. */
  readonly amounts: Amounts;
  /** Whether a vacuum, or a snapshot that stays open, is anything here. */
  readonly hasVacuum: boolean;
  readonly hasSnapshots: boolean;
  /** Gives the name by which every process opens it. */
  readonly make: (amounts: Amounts) => Promise<string>;
  readonly open: (place: string) => Promise<LargePlace>;
  readonly remove: (place: string) => Promise<void>;
}

export interface LargePlace extends AsyncDisposable {
  readonly storage: Storage;
  /** Microseconds of CPU so far: of this process, and of those that work for it. */
  readonly cpu: () => Promise<number>;
  readonly vacuum?: () => Promise<void>;
  readonly holdSnapshot?: () => Promise<AsyncDisposable>;
}
