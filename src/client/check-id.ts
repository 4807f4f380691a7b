import { FirelaterError, isInstance, preview } from "../base/error.ts";
import { parseId } from "../base/ids.ts";

/** An id that is none (`FL_INVALID_ID`): one of your own that is no UUID, or a job's that is no text. */
export class InvalidIdError extends FirelaterError {}

/** An id of the caller's own, in lower case, when it is a UUID of any version. */
export function checkId(id: unknown, label = "the id"): string {
  return (
    parseId(id) ??
    refuse(id, label, {
      why: "An id of your own is a UUID, so that every store keeps it in 16 bytes.",
      mend: "Make one with crypto.randomUUID(), or leave the id out.",
    })
  );
}

/** The id of a stored job in lower case; undefined for a text that is no id, so that no job has it. */
export function readId(id: unknown): string | undefined {
  return typeof id === "string" ? parseId(id) : refuse(id, "the id of a job", GIVEN);
}

/** The id of a job that must be there to be continued. */
export function checkParentId(id: unknown): string {
  return parseId(id) ?? refuse(id, "the id of a parent", GIVEN);
}

const GIVEN = { mend: "Pass the id that enqueue gave." };

function refuse(id: unknown, label: string, reason: { why?: string; mend: string }): never {
  const isPromise = isInstance(id, Promise);
  throw new InvalidIdError({
    code: "FL_INVALID_ID",
    what: `Cannot use ${isPromise ? "a promise" : preview(id)} as ${label}.`,
    ...(isPromise ? { mend: "Await it first: enqueue gives a promise of the id." } : reason),
  });
}
