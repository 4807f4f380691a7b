import type { Dashboard } from "../dashboard.ts";
import type { MountOptions } from "./node.ts";

/** What of Hono is needed here. */
interface HonoContext {
  readonly req: { readonly raw: Request; readonly routePath: string };
  readonly env: unknown;
}

/** How the address of the socket is found, where Hono does not run on node:http. */
export interface HonoOptions extends MountOptions {
  readonly remoteAddress?: ((context: HonoContext) => string | undefined) | undefined;
}

/**
 * A handler for Hono: `app.all("/admin/jobs/*", toHonoHandler(dashboard))`. Where it is mounted is found by its route. On
 * another runtime than Node, say by `remoteAddress` how the address of the socket is found, or give `authorize`.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { createDashboard, toHonoHandler } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db") });
 * export const app = new Hono().all("/admin/jobs/*", toHonoHandler(dashboard));
 * ```
 */
export function toHonoHandler(
  dashboard: Pick<Dashboard, "fetch">,
  { basePath, remoteAddress = socketAddress }: HonoOptions = {},
): (context: HonoContext) => Promise<Response> {
  return (context) => {
    const { raw, routePath } = context.req;
    const mounted = basePath ?? routePath.replace(/\/?\*$/, "");
    const httpVersion = textAt(context.env, "incoming", "httpVersion");
    return dashboard.fetch(raw, { remoteAddress: remoteAddress(context), httpVersion, basePath: mounted });
  };
}

/** As @hono/node-server hands it on. */
function socketAddress({ env }: HonoContext): string | undefined {
  return textAt(env, "incoming", "socket", "remoteAddress");
}

function textAt(from: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    from,
  );
  return typeof found === "string" ? found : undefined;
}
