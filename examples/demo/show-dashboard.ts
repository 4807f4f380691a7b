import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Logger, Storage } from "firelater";
import { createDashboard, toNodeHandler } from "firelater/dashboard";
import type { Jobs } from "./jobs.ts";

/** Where the dashboard is, and what ends it. */
export interface ShownDashboard {
  readonly url: string;
  close(): Promise<void>;
}

const PORT = 4567;
const ANY_FREE = 0;

/** Serves the dashboard of this run to browsers on this machine. */
export async function showDashboard(storage: Storage, jobs: Jobs, logger: Logger): Promise<ShownDashboard> {
  const dashboard = createDashboard({ storage, jobs, environment: "demo", logger });
  const server = createServer(toNodeHandler(dashboard));
  const port = await listen(server);
  return {
    url: `http://localhost:${port}/`,
    async close() {
      const closed = once(server.close(), "close");
      await dashboard.close(); // ends the live streams
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Another demo, or the dashboard of something else, may have the port. */
async function listen(server: Server): Promise<number> {
  try {
    return await listenOn(server, PORT);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    return await listenOn(server, ANY_FREE);
  }
}

async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}
