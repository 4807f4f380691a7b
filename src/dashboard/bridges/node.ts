import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dashboard } from "../dashboard.ts";
import { isRead, toFetchRequest } from "./node-request.ts";
import { sendResponse } from "./node-response.ts";

/** Where an adapter stands. */
export interface MountOptions {
  /** Where the dashboard is mounted: `/admin/jobs`. Default: where the framework says, else the root. */
  readonly basePath?: string | undefined;
}

/** A request as an adapter hands it on. */
export interface BridgedRequest extends MountOptions {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly url?: string | undefined;
  /** What a body parser has made of the body; used only if the stream was read. */
  readonly body?: unknown;
}

/** The core of all adapters around node:http. Never rejects: whoever has gone away needs no answer. */
export async function bridge(
  dashboard: Pick<Dashboard, "fetch">,
  { incoming, outgoing, url, body, basePath }: BridgedRequest,
): Promise<void> {
  try {
    const request = toFetchRequest(incoming, { url, body: isRead(incoming) ? (body ?? "") : undefined });
    const { httpVersion, socket } = incoming;
    const info = { remoteAddress: socket.remoteAddress, httpVersion, basePath };
    await sendResponse(await dashboard.fetch(request, info), outgoing);
  } catch {
    // A malformed request, or a connection that broke while it was answered: half of an answer must not look whole.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(400).end();
  }
}

/**
 * A handler of node:http.
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
export function toNodeHandler(
  dashboard: Pick<Dashboard, "fetch">,
  { basePath }: MountOptions = {},
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return (incoming, outgoing) => bridge(dashboard, { incoming, outgoing, basePath });
}
