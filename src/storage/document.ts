/** Characters of one text. */
export const DOCUMENT_CHARS = 64_000;
/** Texts of one page. */
export const MAX_DOCUMENTS = 1_000;

/**
 * A small text that is kept beside the jobs for people and for whoever works for them: an operation under way, an entry
 * of the audit trail, a saved view. What it says is the caller's business; the store keeps it, guarded by its version.
 */
export interface DocumentRecord {
  /** 1 to 40 characters of `a-z` and `-`: what sort of text it is. */
  readonly kind: string;
  /** 1 to 200 characters, unique within its kind. Ids of UUID version 7 make a kind a list in the order of time. */
  readonly id: string;
  /** Taken from the store's sequence at each accepted save, as that of a recurring job. */
  readonly version: number;
  /** When it was saved last, by the store's clock. */
  readonly at: number;
  readonly text: string;
}

/** A compare-and-set: of all who have seen the same version one is accepted. */
export interface DocumentSave {
  readonly kind: string;
  readonly id: string;
  /** The version that was read; 0: there may be none. */
  readonly version: number;
  /** Null removes it. */
  readonly text: string | null;
}

/** `stale`: it has another version: nothing of this save was written. */
export type DocumentOutcome = "applied" | "stale";

/** A page of one kind in the order of the ids' bytes. */
export interface DocumentQuery {
  readonly kind: string;
  /** Up to `MAX_DOCUMENTS`, whatever `maxRows` is. A page that is shorter is the last one. */
  readonly limit: number;
  /** The last id of the page before. */
  readonly after?: string;
  /** From the last id to the first. */
  readonly descending?: boolean;
}
