import type { Dashboard } from "../dashboard.ts";
import type { MountOptions } from "./node.ts";

/** Handlers of a route of Next's App Router. */
export interface NextHandlers {
  readonly GET: (request: Request) => Promise<Response>;
  readonly HEAD: (request: Request) => Promise<Response>;
  readonly POST: (request: Request) => Promise<Response>;
}

/**
 * The handlers of a catch-all route of Next: `app/admin/jobs/[[...path]]/route.ts`. Next does not tell the address of a
 * socket, so the dashboard needs an `authorize` there.
 *
 * @example
 * ```ts
 * import { createDashboard, toNextHandlers } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db"), authorize: () => true });
 * export const runtime = "nodejs";
 * export const { GET, HEAD, POST } = toNextHandlers(dashboard, { basePath: "/admin/jobs" });
 * ```
 */
export function toNextHandlers(
  dashboard: Pick<Dashboard, "fetch">,
  { basePath }: MountOptions = {},
): NextHandlers {
  const handle = (request: Request): Promise<Response> => dashboard.fetch(request, { basePath });
  return { GET: handle, HEAD: handle, POST: handle };
}
