import { type Change, type JobRecord, type NewJob, StorageRefusedError } from "../../storage/index.ts";

/** What no job of an unfinished driver has. */
export const NOT_KEPT_YET: Pick<JobRecord, "limit" | "parameters" | "tags"> = {
  limit: null,
  parameters: null,
  tags: [],
};

/** The jobs, unless one has what an unfinished driver cannot keep: better refused than stored without it. */
export function onlyKept(storage: string, jobs: readonly NewJob[]): readonly NewJob[] {
  for (const { limit, parameters, tags, gate } of jobs) {
    if (limit !== undefined) refuse(storage, "limits");
    if (parameters !== undefined) refuse(storage, "parameters");
    if (tags !== undefined && tags.length > 0) refuse(storage, "tags");
    if (gate !== undefined && gate.condition !== "succeeded")
      refuse(storage, `gates that wait for "${gate.condition}"`);
  }
  return jobs;
}

/** The same for changes. */
export function onlyKeptChanges(storage: string, changes: readonly Change[]): readonly Change[] {
  if (changes.some(({ parameters }) => parameters !== undefined)) refuse(storage, "parameters");
  return changes;
}

function refuse(storage: string, what: string): never {
  throw new StorageRefusedError(storage, new Error(`this driver does not keep ${what} yet`));
}
