import { admit } from "./access/gate.ts";
import type { RequestInfo } from "./access/request-info.ts";
import { checkDashboardOptions, type DashboardOptions } from "./dashboard-options.ts";
import { type DashboardParts, makeParts } from "./dashboard-parts.ts";
import { createApp, tellProblem } from "./http/app.ts";
import { checkBasePath, type Place, placeOf } from "./http/base-path.ts";

/** A dashboard: one Fetch handler. Adapters of frameworks stand around it. */
export interface Dashboard extends AsyncDisposable {
  /**
   * Answers a request. `info` is what only the adapter knows: without the address of the socket nothing is local, and a
   * dashboard without `authorize` answers 403. Never rejects.
   */
  fetch(request: Request, info?: RequestInfo): Promise<Response>;
  /** Ends the live streams, so that a server can close. The storage stays open: whoever made it closes it. */
  close(): Promise<void>;
}

/**
 * Makes the dashboard of a storage. It is closed by default: without `authorize` only this machine may look.
 *
 * @throws NotConfiguredError `FL_NOT_CONFIGURED`, InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidDurationError
 * `FL_INVALID_DURATION`.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createDashboard, toNodeHandler } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db") });
 * createServer(toNodeHandler(dashboard)).listen(4567, "127.0.0.1");
 * ```
 */
export function createDashboard(options: DashboardOptions = {}): Dashboard {
  checkDashboardOptions(options);
  const parts = makeParts(options);
  const { authorize, readOnly = false, trustProxy = false } = options;
  const option = options.basePath === undefined ? undefined : checkBasePath(options.basePath);
  const app = createApp(parts, trustProxy);
  warnOfClosed(options, parts);

  async function answer(request: Request, info: RequestInfo, place: Place): Promise<Response> {
    try {
      const admitted = await admit({ authorize, readOnly, logger: parts.logger }, request, info);
      if (admitted instanceof Response) return admitted;
      return await app.fetch(request, { viewer: admitted, place });
    } catch (error) {
      return tellProblem(error, parts, request, place);
    }
  }

  return {
    fetch: (request, info = {}) => {
      const forwarded = trustProxy ? request.headers.get("x-forwarded-prefix") : null;
      const sources = { option, mounted: info.basePath, forwarded: forwarded ?? undefined };
      return answer(request, info, placeOf(new URL(request.url).pathname, sources));
    },
    close: () => parts.streams.close(),
    [Symbol.asyncDispose]: () => parts.streams.close(),
  };
}

/** In production nobody sits at the machine: whoever has forgotten authorize learns it before the first 403. */
function warnOfClosed({ authorize }: DashboardOptions, { logger }: DashboardParts): void {
  if (authorize !== undefined || process.env.NODE_ENV !== "production") return;
  logger.warn("the dashboard has no authorize: only browsers on this machine may look at it");
}
