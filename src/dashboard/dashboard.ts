import { toMilliseconds } from "../base/duration.ts";
import { quietConsole } from "../base/logger.ts";
import { unfailingLogger } from "../base/unfailing-logger.ts";
import { BackgroundJobClient, RecurringJobManager, requireConfiguration } from "../compose.ts";
import { OperationRecords } from "../operations/operation-records.ts";
import { admit } from "./access/gate.ts";
import type { RequestInfo } from "./access/request-info.ts";
import { AuditTrail } from "./audit-trail.ts";
import { checkDashboardOptions, type DashboardOptions } from "./dashboard-options.ts";
import type { DashboardParts } from "./dashboard-parts.ts";
import { createApp, tellProblem } from "./http/app.ts";
import { checkBasePath, type Place, placeOf } from "./http/base-path.ts";
import { Monitor } from "./live/monitor.ts";
import { Streams } from "./live/streams.ts";
import { Redactor } from "./show/redactor.ts";
import { StoredValues } from "./show/stored-values.ts";

const OLDEST_READY_MS = 5 * 60_000;

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
  const parts = toParts(options);
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

function toParts(options: DashboardOptions): DashboardParts {
  const logger = unfailingLogger(options.logger ?? quietConsole);
  const storage = options.storage ?? requireConfiguration("storage").storage;
  const { jobs, filters } = options;
  const client = new BackgroundJobClient({ storage: options.storage, jobs, filters, logger });
  const recurring = new RecurringJobManager({ storage: options.storage, jobs });
  const operations = new OperationRecords(storage);
  const redactor = new Redactor(options.redact, logger);
  const oldestReadyMs =
    options.oldestReady === undefined ? OLDEST_READY_MS : toMilliseconds(options.oldestReady, "oldestReady");
  const monitor = new Monitor({
    ...{ storage, operations, targets: { oldestReadyMs } },
    listRecurring: (limit) => recurring.list({ limit }),
  });
  return {
    ...{ storage, client, recurring, operations, redactor, monitor, logger },
    audit: new AuditTrail(storage, logger),
    streams: new Streams({ storage, monitor, redactor, logger }),
    values: new StoredValues(redactor),
    title: options.title ?? "Firelater",
    environment: options.environment ?? null,
    readOnly: options.readOnly ?? false,
  };
}

/** In production nobody sits at the machine: whoever has forgotten authorize learns it before the first 403. */
function warnOfClosed({ authorize }: DashboardOptions, { logger }: DashboardParts): void {
  if (authorize !== undefined || process.env.NODE_ENV !== "production") return;
  logger.warn("the dashboard has no authorize: only browsers on this machine may look at it");
}
