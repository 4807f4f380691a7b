import { FirelaterError } from "../base/error.ts";
import { readStoredResult } from "../job/stored-result.ts";
import type { ParentRecord, Storage } from "../storage/index.ts";

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

export async function readParents(storage: Storage, child: string): Promise<ParentResults> {
  const parents = (await storage.parents([child])).get(child) ?? [];
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
