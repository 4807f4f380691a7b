import { once } from "node:events";
import type { Server } from "node:http";
import { FirelaterError } from "../../base/error.ts";

/** Where to listen. */
export interface Place {
  readonly host: string;
  /** Undefined: the first free one from `FIRST_PORT` on. */
  readonly port: number | undefined;
}

export const FIRST_PORT = 4567;
/** So many dashboards find a place by themselves. */
const PORTS_TRIED = 10;

/** The dashboard cannot listen at the place that it was given (`FL_CANNOT_LISTEN`). */
export class CannotListenError extends FirelaterError {
  constructor({ host, port }: Place, cause: unknown) {
    const code = codeOf(cause);
    const at = `port ${port ?? FIRST_PORT} of ${host}`;
    super({
      code: "FL_CANNOT_LISTEN",
      what: code === "EADDRINUSE" ? `${capital(at)} is taken by another program.` : `Cannot listen on ${at}.`,
      why: code === "EADDRINUSE" ? undefined : `The system says ${code ?? String(cause)}.`,
      mend: MENDS.get(code ?? "") ?? "Choose another --host or --port.",
      cause,
    });
  }
}

const MENDS: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "End that one, or choose another --port (0: any that is free)."],
  ["EACCES", "Choose a --port from 1024 on: those below need rights."],
  [
    "EADDRNOTAVAIL",
    "Give as --host an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.",
  ],
  ["ENOTFOUND", "Give as --host an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them."],
]);

/** The port at which the server listens. @throws CannotListenError `FL_CANNOT_LISTEN`. */
export async function listen(server: Server, { host, port }: Place): Promise<number> {
  const tried =
    port === undefined ? Array.from({ length: PORTS_TRIED }, (_, nth) => FIRST_PORT + nth) : [port];
  let refused: unknown;
  for (const candidate of tried) {
    try {
      return await listenOn(server, host, candidate);
    } catch (error) {
      refused ??= error;
      if (codeOf(error) !== "EADDRINUSE") break;
    }
  }
  throw new CannotListenError({ host, port }, refused);
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, "listening"); // rejects with what the server tells as an error
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** As browsers take it. Who listens everywhere is reached here, too. */
export function urlOf(host: string, port: number, basePath: string): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}${basePath}/`;
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
