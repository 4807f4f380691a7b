import type { Logger } from "../../base/logger.ts";
import type { Permission } from "../api/meta.ts";
import { Problem } from "../http/problem.ts";
import { isLocal } from "./is-local.ts";
import type { RequestInfo } from "./request-info.ts";
import { type AuthorizedViewer, PERMISSIONS, toViewer, type Viewer } from "./viewer.ts";

/**
 * Decides who may look at the dashboard. `false`: nobody. `true`: all of it. A viewer: by its permissions. A response, such
 * as a redirect to a login page, is sent as it is.
 */
export type Authorize = (
  request: Request,
  info: RequestInfo,
) => false | true | AuthorizedViewer | Response | Promise<false | true | AuthorizedViewer | Response>;

export interface GateOptions {
  readonly authorize: Authorize | undefined;
  readonly readOnly: boolean;
  readonly logger: Logger;
}

/** Who a request comes from; or the response that keeps it out. Closed unless somebody has opened it. */
export async function admit(
  { authorize, readOnly, logger }: GateOptions,
  request: Request,
  info: RequestInfo,
): Promise<Viewer | Response> {
  if (authorize === undefined) {
    if (isLocal(request, info)) return toViewer(true, readOnly);
    throw closed();
  }
  try {
    const answer = await authorize(request, info);
    if (answer instanceof Response) return answer;
    if (answer !== false) return toViewer(answer, readOnly);
  } catch (error) {
    // Whoever cannot be told apart stays out.
    logger.error("authorize of the dashboard has failed: nobody was let in", error);
  }
  throw new Problem(403, {
    code: "FL_DASHBOARD_FORBIDDEN",
    what: "You may not look at this dashboard.",
    mend: "Sign in to the application, or ask whoever runs it.",
  });
}

export function refuseUnpermitted({ permissions }: Viewer, needed: Permission): void {
  if (permissions.has(needed)) return;
  throw new Problem(403, {
    code: "FL_DASHBOARD_FORBIDDEN",
    what: `This needs the permission ${needed}, which you do not have.`,
    mend: `Ask whoever runs the application: authorize gives permissions, of ${PERMISSIONS.join(", ")}.`,
  });
}

function closed(): Problem {
  return new Problem(403, {
    code: "FL_DASHBOARD_CLOSED",
    what: "This dashboard is open only to browsers on its own machine, at http://localhost.",
    why: "Nobody has said who else may see it, or a proxy stands before it.",
    mend: "Give createDashboard an authorize function: it gets the request and answers false, true, or { name, permissions }.",
  });
}
