import type { JobLimit } from "../../storage/index.ts";
import { fromStored } from "./opaque.ts";

/** A limit from its columns: null for a job that has none. */
export function toLimit(key: string | null, max: number | null, skip: boolean | null): JobLimit | null {
  if (key === null) return null;
  return { key: fromStored(key), max: max ?? 1, whenFull: skip === true ? "skip" : "wait" };
}
