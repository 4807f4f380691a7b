import type { DashboardParts } from "../dashboard-parts.ts";
import type { RouteSpec } from "../http/route.ts";
import { auditRoute } from "./audit-route.ts";
import { bulkRoute } from "./bulk-route.ts";
import { errorsRoute } from "./errors-route.ts";
import { jobActionRoutes } from "./job-actions.ts";
import { jobRoutes } from "./job-routes.ts";
import { jobsRoutes } from "./jobs-routes.ts";
import { operationRoutes } from "./operation-routes.ts";
import { overviewRoutes } from "./overview-routes.ts";
import { queueRoutes } from "./queue-routes.ts";
import { recurringActionRoutes } from "./recurring-actions.ts";
import { recurringRoutes } from "./recurring-routes.ts";
import { serverRoutes } from "./server-routes.ts";
import { viewRoutes } from "./view-routes.ts";

/** The API, in the order in which paths are matched: those without parameters first. */
export function allRoutes(parts: DashboardParts): RouteSpec[] {
  const routes = [
    ...overviewRoutes(parts),
    ...jobsRoutes(parts),
    ...jobRoutes(parts),
    bulkRoute(parts),
    ...jobActionRoutes(parts),
    errorsRoute(parts),
    ...recurringRoutes(parts),
    ...recurringActionRoutes(parts),
    ...queueRoutes(parts),
    ...serverRoutes(parts),
    ...operationRoutes(parts),
    auditRoute(parts),
    ...viewRoutes(parts),
  ];
  return routes.toSorted((a, b) => Number(a.path.includes(":")) - Number(b.path.includes(":")));
}
