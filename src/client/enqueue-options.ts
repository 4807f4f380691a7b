import { FirelaterError, preview } from "../base/error.ts";
import { parseId } from "../base/ids.ts";
import { checkFields, checkPriority, checkQueue } from "../job/options.ts";

/** An id of the caller's own that is no UUID (`FL_INVALID_ID`). */
export class InvalidIdError extends FirelaterError {}

/** What one call may say against the options of its job. */
export interface EnqueueOptions {
  /** 1 to 100 of `a-z 0-9 _ -`. Default: the queue of the job. */
  queue?: string | undefined;
  /** Higher runs first: an integer from -32767 to 32767. Default: the priority of the job. */
  priority?: number | undefined;
  /** Your own id (UUID): the same call again stores nothing new. Default: a new UUID version 7. */
  id?: string | undefined;
}

const CHECKS = { queue: checkQueue, priority: checkPriority, id: checkId };

/** Narrows to well-formed options of one call; throws at the first that is not. */
export function checkEnqueueOptions(
  options: unknown,
  label = "the options of the call",
): asserts options is EnqueueOptions | undefined {
  if (options !== undefined) checkFields<EnqueueOptions>(options, CHECKS, label);
}

/** The id in lower case when it is a UUID of any version. */
export function checkId(id: unknown, label = "the id"): string {
  const parsed = typeof id === "string" ? parseId(id) : undefined;
  if (parsed !== undefined) return parsed;
  throw new InvalidIdError({
    code: "FL_INVALID_ID",
    what: `Cannot use ${preview(id)} as ${label}.`,
    why: "An id of your own is a UUID, so that every store keeps it in 16 bytes.",
    mend: "Make one with crypto.randomUUID(), or leave the id out.",
  });
}
