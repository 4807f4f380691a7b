import { createServer, type Server } from "node:http";
import { toNodeHandler } from "../../dashboard/bridges/node.ts";
import { createDashboard, type Dashboard } from "../../dashboard/dashboard.ts";
import { packageVersion } from "../../dashboard/package-version.ts";
import type { Storage } from "../../storage/index.ts";
import { openStorage } from "../open-storage.ts";
import type { Terminal } from "../terminal.ts";
import { doorman } from "./doorman.ts";
import { listen, urlOf } from "./listen.ts";
import { isLoopback } from "./login.ts";
import type { DashboardSettings } from "./settings.ts";
import { untilSignal } from "./until-signal.ts";

/** Longer than a request may take: what is still open then is not answered any more. */
const CLOSING_MS = 3_000;
/** A connection is idle a moment after its stream has ended, and would then be kept for the next request. */
const SWEEP_MS = 20;

/** Serves the dashboard until a signal; then streams, connections and storage are closed. */
export async function serveDashboard(settings: DashboardSettings, terminal: Terminal): Promise<void> {
  const storage = await openStorage(settings.address, settings.names);
  try {
    const dashboard = dashboardOf(storage, settings, terminal);
    const server = createServer(toNodeHandler(dashboard));
    const port = await listen(server, settings.place);
    const ended = untilSignal();
    terminal.say(welcome(storage, settings, port));
    await ended;
    await close(server, dashboard);
  } finally {
    await storage.close();
  }
}

function dashboardOf(storage: Storage, settings: DashboardSettings, terminal: Terminal): Dashboard {
  const { basePath, readOnly, environment, login } = settings;
  return createDashboard({
    ...{ storage, basePath, readOnly, environment, logger: terminal.logger },
    authorize: doorman(login, basePath),
  });
}

async function close(server: Server, dashboard: Dashboard): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await dashboard.close();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const late = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
}

function welcome(storage: Storage, settings: DashboardSettings, port: number): string {
  const { place, basePath, environment, readOnly } = settings;
  return [
    `Firelater ${packageVersion()}: the dashboard of ${storage.name}${environment === undefined ? "" : `, ${environment}`}`,
    "",
    `  ${urlOf(place.host, port, basePath)}`,
    "",
    accessWords(settings),
    readOnly
      ? "Read only: nothing can be changed."
      : "It does not know the application's jobs: what is changed here asks none of their filters and schemas.",
    "Ctrl+C ends it.",
  ].join("\n");
}

function accessWords({ place, login }: DashboardSettings): string {
  if (login === undefined) return "Open to browsers on this machine, and to nobody else.";
  const asks =
    login.user === undefined ? "It asks for the password." : `It asks for ${login.user} and the password.`;
  const isPlain = !isLoopback(place.host);
  return isPlain ? `${asks} Plain HTTP: let a proxy with TLS stand before it.` : asks;
}
