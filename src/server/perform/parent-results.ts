import { FirelaterError } from "../../base/error.ts";
import type { ParentError, ParentSlot } from "../../job/placeholder.ts";
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

/** What is known of the parents of one continuation. */
export interface ParentResults {
  valueOf(slot: ParentSlot): unknown;
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
    valueOf({ kind, parent: index }) {
      const parent = parents[index];
      if (parent === undefined)
        throw new ParentResultError(`number ${index}`, "It is not among the parents of this job.");
      if (kind === "result") return resultOf(parent);
      if (kind === "resultIfAny") return parent.state === "Deleted" ? undefined : resultOf(parent);
      return kind === "state" ? endOf(parent) : errorOf(parent);
    },
  };
}

function resultOf({ id, state, entry }: ParentRecord): unknown {
  if (state === null) throw new ParentResultError(id, "It has expired.");
  if (state !== "Succeeded") throw new ParentResultError(id, `It is ${state}.`);
  return readStoredResult(id, entry);
}

/** A parent that was requeued since has no end to tell of: the one that readied this job is over. */
function endOf({ id, state }: ParentRecord): "Succeeded" | "Deleted" {
  if (state === "Succeeded" || state === "Deleted") return state;
  throw new ParentResultError(id, state === null ? "It has expired." : `It is ${state}.`);
}

function errorOf({ id, state, entry }: ParentRecord): ParentError | undefined {
  if (state === null) throw new ParentResultError(id, "It has expired.");
  const { error }: { readonly error?: ParentError } = JSON.parse(`{${entry}}`);
  return error;
}
