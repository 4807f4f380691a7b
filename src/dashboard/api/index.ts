/**
 * The JSON API of the dashboard, as types alone: what the page imports, and what other programs may rely on.
 *
 * All of it is below `<basePath>/api/` (`routes.ts` has the list). Times are Unix milliseconds by the storage's clock, ids
 * are texts, pages go by keyset cursors. Every answer is bounded; one that is not whole says so (`Incomplete`).
 */
export type * from "./audit.ts";
export type * from "./bulk.ts";
export type * from "./envelope.ts";
export type * from "./error-groups.ts";
export type * from "./events.ts";
export type * from "./job.ts";
export type * from "./jobs.ts";
export type * from "./meta.ts";
export type * from "./operations.ts";
export type * from "./overview.ts";
export type * from "./queues.ts";
export type * from "./recurring.ts";
export type * from "./routes.ts";
export type * from "./servers.ts";
export type * from "./shown.ts";
export type * from "./statistics.ts";
export type * from "./views.ts";
