import { FirelaterError } from "../base/error.ts";
import { type InsertOutcome, MAX_PARENTS } from "../storage/index.ts";
import { checkParentId } from "./check-id.ts";

/** A continuation names a parent that is not there (`FL_PARENT_NOT_FOUND`). Nothing was stored. */
export class ParentNotFoundError extends FirelaterError {}
/** The parents of a continuation are none, too many, or the continuation itself (`FL_INVALID_PARENTS`). */
export class InvalidParentsError extends FirelaterError {}

/** The ids of the parents of a continuation, checked, in their order. */
export function toParentIds(parents: unknown): string[] {
  const ids: readonly unknown[] = Array.isArray(parents) ? parents : [parents];
  if (ids.length === 0 || ids.length > MAX_PARENTS) {
    throw new InvalidParentsError({
      code: "FL_INVALID_PARENTS",
      what: `A continuation has 1 to ${MAX_PARENTS} parents, not ${ids.length}.`,
      mend: "Pass the id that enqueue gave, or a list of such ids; join more of them in steps.",
    });
  }
  return ids.map(checkParentId);
}

/** The storage would take such a job for a repeat of its parent, and store nothing. */
export function refuseOwnParent(id: string, parents: readonly string[]): void {
  if (!parents.includes(id)) return;
  throw new InvalidParentsError({
    code: "FL_INVALID_PARENTS",
    what: `The continuation has the id of its own parent, ${id}.`,
    why: "A job cannot wait for itself.",
    mend: "Give it another id, or leave the id out.",
  });
}

/** @throws ParentNotFoundError for the first outcome that says so. */
export function refuseMissingParents(outcomes: readonly InsertOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.outcome === "parent-not-found") throw parentNotFound(outcome.parent);
  }
}

function parentNotFound(parent: string): ParentNotFoundError {
  return new ParentNotFoundError({
    code: "FL_PARENT_NOT_FOUND",
    what: `There is no job ${parent} to continue; nothing was stored.`,
    why: "It was never stored here, or it finished and has expired.",
    mend: "Enqueue the call directly, or raise the server's retention.",
  });
}
