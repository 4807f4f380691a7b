import { FirelaterError } from "../../base/error.ts";
import { readStoredResult } from "../../job/stored-result.ts";
import type { ParentRecord, Storage } from "../../storage/index.ts";
import { insist } from "./insist.ts";

/** A parent's result cannot be given to its continuation (`FL_PARENT_RESULT_GONE`). Counts as a failed run. */
export class ParentResultError extends FirelaterError {
  constructor(parent: string, why: string) {
    super({
      code: "FL_PARENT_RESULT_GONE",
      what: `The result of the parent job ${parent} cannot be passed on.`,
      why,
      mend: "Requeue the parent and then this job, or give it what it needs as a plain argument.",
    });
  }
}

/** What the parents of one continuation returned. */
export interface ParentResults {
  resultOf(index: number): unknown;
}

/** Who can be asked for parents: the storage or, in a thread, the way to it. */
export type ParentsSource = Pick<Storage, "parents">;

/** Waits for a storage that does not answer, until `signal` is aborted: that must not spend the child's attempt. */
export async function readParents(
  storage: ParentsSource,
  child: string,
  signal: AbortSignal,
): Promise<ParentResults> {
  const parents = (await insist(() => storage.parents([child]), { signal })).get(child) ?? [];
  return {
    resultOf(index) {
      const parent = parents[index];
      if (parent === undefined)
        throw new ParentResultError(`number ${index}`, "It is not among the parents of this job.");
      return resultOf(parent);
    },
  };
}

function resultOf({ id, state, entry }: ParentRecord): unknown {
  if (state === null) throw new ParentResultError(id, "It has expired.");
  if (state !== "Succeeded") throw new ParentResultError(id, `It is ${state}.`);
  return readStoredResult(id, entry);
}
