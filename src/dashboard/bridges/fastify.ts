import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dashboard } from "../dashboard.ts";
import { bridge } from "./node.ts";

/** What of Fastify is needed here. */
interface FastifyInstance {
  readonly prefix: string;
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null, body?: undefined) => void) => void,
  ): unknown;
  all(path: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): unknown;
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly originalUrl: string;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/**
 * A plugin for Fastify: `app.register(toFastifyPlugin(dashboard), { prefix: "/admin/jobs" })`. Bodies are left to the
 * dashboard, within the plugin alone.
 *
 * @example
 * ```ts
 * import { createDashboard, toFastifyPlugin } from "firelater/dashboard";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const dashboard = createDashboard({ storage: new SqliteStorage("jobs.db") });
 * export const plugin = toFastifyPlugin(dashboard); // app.register(plugin, { prefix: "/admin/jobs" })
 * ```
 */
export function toFastifyPlugin(
  dashboard: Pick<Dashboard, "fetch">,
): (app: FastifyInstance, options: unknown, done: () => void) => void {
  return (app, _, done) => {
    const basePath = app.prefix;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    const handle = ({ raw: incoming, originalUrl: url }: FastifyRequest, reply: FastifyReply): void => {
      reply.hijack();
      void bridge(dashboard, { incoming, outgoing: reply.raw, url, basePath });
    };
    app.all("/", handle);
    app.all("/*", handle);
    done();
  };
}
