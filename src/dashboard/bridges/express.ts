import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dashboard } from "../dashboard.ts";
import { bridge, type MountOptions } from "./node.ts";

/** What Express adds to a request, as far as it is needed here. */
interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly baseUrl?: string;
  readonly body?: unknown;
}

/**
 * A handler for Express, and for Nest on Express: `app.use("/admin/jobs", toExpressHandler(dashboard))`. Where it is
 * mounted is found by itself; body parsers may stand before it.
 *
 * @example
 * ```ts
 * import { createDashboard, toExpressHandler } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db") });
 * export const handler = toExpressHandler(dashboard); // app.use("/admin/jobs", handler)
 * ```
 */
export function toExpressHandler(
  dashboard: Pick<Dashboard, "fetch">,
  { basePath }: MountOptions = {},
): (request: ExpressRequest, response: ServerResponse) => Promise<void> {
  return (incoming, outgoing) => {
    const { originalUrl: url, baseUrl, body } = incoming;
    return bridge(dashboard, { incoming, outgoing, url, body, basePath: basePath ?? baseUrl });
  };
}
