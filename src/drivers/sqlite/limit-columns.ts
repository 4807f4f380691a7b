import type { JobLimit } from "../../storage/index.ts";
import type { SqlValue } from "./statements.ts";

/** A limit from its columns: null for a job that has none. */
export function toLimit(
  key: SqlValue | undefined,
  max: SqlValue | undefined,
  skip: SqlValue | undefined,
): JobLimit | null {
  if (typeof key !== "string") return null;
  return { key, max: Number(max), whenFull: skip === 1 ? "skip" : "wait" };
}
