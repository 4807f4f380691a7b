import { FirelaterError } from "../../base/error.ts";
import { InvalidInstantError } from "../../client/instant.ts";
import { ReplayRefusedError } from "../../client/replay.ts";
import { InvalidOptionsError, InvalidPriorityError, InvalidQueueError } from "../../job/options.ts";
import { TooManyOperationsError } from "../../operations/operation-records.ts";
import { InvalidCronError } from "../../recurring/cron/invalid-cron-error.ts";
import { InvalidRecurringIdError } from "../../recurring/recurring-options.ts";
import { RecurringBusyError } from "../../recurring/recurring-records.ts";
import { UnknownTimeZoneError } from "../../recurring/zone/unknown-time-zone-error.ts";
import { isOutage } from "../../storage/index.ts";
import type { ApiError } from "../api/envelope.ts";

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 500 | 503;

/** Something that a request is told. Not an error of the application that serves the dashboard: nothing is logged. */
export class Problem extends FirelaterError {
  readonly status: Status;
  readonly body: ApiError;

  constructor(status: Status, parts: { code: `FL_${string}`; what: string; why?: string; mend: string }) {
    super(parts);
    this.status = status;
    const message = parts.why === undefined ? parts.what : `${parts.what} ${parts.why}`;
    this.body = { code: parts.code, message, mend: parts.mend };
  }
}

/** A parameter or a body that is refused (`FL_DASHBOARD_INVALID`). */
export function invalid(what: string, mend: string): Problem {
  return new Problem(400, { code: "FL_DASHBOARD_INVALID", what, mend });
}

/** There is no such thing, or no longer (`FL_DASHBOARD_NOT_FOUND`). */
export function notFound(what: string, mend = EXPIRED): Problem {
  return new Problem(404, { code: "FL_DASHBOARD_NOT_FOUND", what, mend });
}

const EXPIRED = "It may have expired, or been removed: look at the list that it was in.";

/** It is otherwise than the request supposes (`FL_DASHBOARD_CONFLICT`). */
export function conflict(what: string): Problem {
  return new Problem(409, {
    code: "FL_DASHBOARD_CONFLICT",
    what,
    mend: "Look at it as it is now, and try again.",
  });
}

/** The storage has not answered within the time of a request (`FL_DASHBOARD_SLOW`). */
export function tooSlow(): Problem {
  return new Problem(503, {
    code: "FL_DASHBOARD_SLOW",
    what: "The storage has not answered within the time that a request may take.",
    mend: "Try again, with a narrower filter if there is one.",
  });
}

/** A message as whoever asks may read it; null: not at all. */
export type Tell = (message: string) => string | null;

/**
 * What of a thrown value a request is told: what is wrong with the request itself, always; what else this package says,
 * as `tell` has it, for it may quote stored arguments, a filter of the application or the engine; of other errors nothing.
 */
export function problemOf(thrown: unknown, tell: Tell): { readonly status: Status; readonly body: ApiError } {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof FirelaterError) {
    const told = isOfRequest(thrown) ? thrown.message : tell(thrown.message);
    const message = told ?? (isOutage(thrown) ? UNTOLD_OUTAGE : UNTOLD);
    return { status: statusOf(thrown), body: { code: thrown.code, message, mend: null } };
  }
  return {
    status: 500,
    body: {
      code: "FL_DASHBOARD_FAILED",
      message: "The dashboard has failed to answer.",
      mend: "The log of the application that serves it has the error.",
    },
  };
}

const UNTOLD_OUTAGE = "The storage could not answer just now.";
const UNTOLD = "It was refused. Why is told only to those who may see what jobs work with.";

/** Whether an error speaks of nothing but what was asked. */
function isOfRequest(error: FirelaterError): boolean {
  return OF_REQUESTS.some((type) => error instanceof type);
}

const OF_REQUESTS = [
  ...[InvalidOptionsError, InvalidQueueError, InvalidPriorityError, InvalidInstantError],
  ...[InvalidCronError, UnknownTimeZoneError, InvalidRecurringIdError, RecurringBusyError],
  ...[TooManyOperationsError, ReplayRefusedError],
];

function statusOf(error: FirelaterError): Status {
  if (isOutage(error)) return 503;
  return error instanceof RecurringBusyError || error instanceof TooManyOperationsError ? 409 : 400;
}
