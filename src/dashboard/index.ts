/** `firelater/dashboard`: see and steer jobs in a browser. */
export type { Authorize } from "./access/gate.ts";
export type { RequestInfo } from "./access/request-info.ts";
export type { AuthorizedViewer } from "./access/viewer.ts";
export type * from "./api/index.ts";
export { toExpressHandler } from "./bridges/express.ts";
export { toFastifyPlugin } from "./bridges/fastify.ts";
export { type HonoOptions, toHonoHandler } from "./bridges/hono.ts";
export { toKoaMiddleware } from "./bridges/koa.ts";
export { type NextHandlers, toNextHandlers } from "./bridges/next.ts";
export { type MountOptions, toNodeHandler } from "./bridges/node.ts";
export { createDashboard, type Dashboard } from "./dashboard.ts";
export type { DashboardOptions } from "./dashboard-options.ts";
export type { JobLinksOf, LinkedJob } from "./show/job-links.ts";
export type { Redact } from "./show/redactor.ts";
