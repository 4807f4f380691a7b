import type { Logger } from "../../base/logger.ts";
import { processWide } from "../../base/process-wide.ts";

/** What a server shows to others of its name in this process. */
export interface NamedServer {
  readonly name: string;
  readonly storage: string;
  readonly logger: Logger;
  /** It is the first of its name now: fetch. */
  takeOver(): void;
}

/**
 * Servers of this process by storage and name. A dev server that reloads its modules makes a second server object
 * without stopping the first; two that fetch would run old and new code side by side. So only the first of a name
 * fetches, and the next takes over when it stops or becomes quiet.
 */
const active = processWide("active-servers.v1", () => new Map<string, NamedServer[]>());

/** True when the server is the first of its name on its storage. */
export function enlist(server: NamedServer): boolean {
  const key = keyOf(server);
  const servers = active.get(key) ?? [];
  active.set(key, servers);
  servers.push(server);
  if (servers.length === 1) return true;
  server.logger.warn(
    `a second server "${server.name}" on ${server.storage} does not fetch while the first one runs; ` +
      "stop or quiet the first one, or give them different names if both should fetch",
  );
  return false;
}

export function delist(server: NamedServer): void {
  const servers = active.get(keyOf(server)) ?? [];
  const wasFirst = servers[0] === server;
  const left = servers.filter((one) => one !== server);
  if (left.length === 0) active.delete(keyOf(server));
  else active.set(keyOf(server), left);
  if (wasFirst) left[0]?.takeOver();
}

function keyOf({ storage, name }: NamedServer): string {
  return `${storage}\n${name}`;
}
