import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dashboard } from "../dashboard.ts";
import { bridge, type MountOptions } from "./node.ts";

/** What of Koa is needed here; `mountPath` is koa-mount's, `request.body` that of body parsers. */
interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  readonly originalUrl: string;
  readonly mountPath?: string | undefined;
  readonly request: object;
  respond?: boolean | undefined;
}

/**
 * A middleware for Koa: `app.use(toKoaMiddleware(dashboard, { basePath: "/admin/jobs" }))`, or within koa-mount. What is
 * not below its path goes on to the next one.
 *
 * @example
 * ```ts
 * import { createDashboard, toKoaMiddleware } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db") });
 * export const middleware = toKoaMiddleware(dashboard, { basePath: "/admin/jobs" }); // app.use(middleware)
 * ```
 */
export function toKoaMiddleware(
  dashboard: Pick<Dashboard, "fetch">,
  { basePath }: MountOptions = {},
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  const prefix = basePath?.replace(/\/+$/, "") ?? "";
  return async (context, next) => {
    const { req: incoming, res: outgoing, path, originalUrl: url, mountPath } = context;
    if (prefix !== "" && mountPath === undefined && path !== prefix && !path.startsWith(`${prefix}/`)) {
      await next();
      return;
    }
    context.respond = false;
    const body: unknown = Reflect.get(context.request, "body");
    await bridge(dashboard, { incoming, outgoing, url, body, basePath: basePath ?? mountPath });
  };
}
