import type { JobLimit, NewJob } from "../../storage/index.ts";
import type { SqlValue } from "./statements.ts";

/** What a job was made with and keeps. One text for all of it: a column costs every write of every job. */
export interface Attached {
  readonly tags: readonly string[];
  readonly limit: JobLimit | null;
}

const NOTHING: Attached = Object.freeze({ tags: Object.freeze([]), limit: null });

/** Null for nearly all. */
export function attachedText({ tags = [], limit }: NewJob): string | null {
  if (tags.length === 0 && limit === undefined) return null;
  const attached: Attached = { tags, limit: limit ?? null };
  return JSON.stringify(attached);
}

export function toAttached(value: SqlValue | undefined): Attached {
  return typeof value === "string" ? JSON.parse(value) : NOTHING;
}
