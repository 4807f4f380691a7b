import { preview } from "../../base/error.ts";
import { checkBasePath } from "../../dashboard/http/base-path.ts";
import { CommandLineError } from "../command-line-error.ts";
import type { StorageNames } from "../open-storage.ts";
import type { Given } from "../read-options.ts";
import { readAddress, type StorageAddress } from "../storage-address.ts";
import type { Terminal } from "../terminal.ts";
import type { Place } from "./listen.ts";
import { type Login, readLogin, refuseUnprotected } from "./login.ts";

export const STORAGE_VARIABLE = "FIRELATER_STORAGE";

/** What a dashboard is to be served with. */
export interface DashboardSettings {
  readonly address: StorageAddress;
  readonly names: StorageNames;
  readonly place: Place;
  /** With a slash before it and none behind it; empty at the root. */
  readonly basePath: string;
  readonly readOnly: boolean;
  readonly environment: string | undefined;
  /** Undefined: only browsers on this machine may look, and need none. */
  readonly login: Login | undefined;
}

/** All that can be wrong with what was given is told here, before anything is opened. */
export function readSettings(given: Given, terminal: Terminal): DashboardSettings {
  const login = readLogin(terminal);
  const host = given.text("host") ?? "127.0.0.1";
  refuseUnprotected(host, login);
  return {
    address: readStorage(given, terminal),
    names: { schema: given.text("schema"), prefix: given.text("prefix") },
    place: { host, port: readPort(given.text("port")) },
    basePath: checkBasePath(given.text("base-path") ?? ""),
    readOnly: given.flag("read-only"),
    environment: given.text("environment"),
    login,
  };
}

function readStorage(given: Given, terminal: Terminal): StorageAddress {
  const typed = given.text("storage");
  const address = typed ?? terminal.variable(STORAGE_VARIABLE) ?? "";
  if (address === "") {
    throw new CommandLineError(
      "There is no storage to look at.",
      `Give --storage <address>, or set ${STORAGE_VARIABLE}; firelater dashboard --help has the addresses.`,
    );
  }
  const password = passwordOf(address);
  if (password !== undefined) terminal.conceal(password, withoutPassword(address));
  if (typed !== undefined && password !== undefined) {
    terminal.complain(
      `firelater: others on this machine can read this password in the list of processes: set ${STORAGE_VARIABLE} instead of --storage.`,
    );
  }
  return readAddress(address);
}

function passwordOf(address: string): string | undefined {
  const url = URL.parse(address);
  const found = url?.password || url?.searchParams.get("password");
  if (!found) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return found; // a percent sign that stands for itself
  }
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = "";
  url.searchParams.delete("password");
  return url.href;
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new CommandLineError(`${preview(text)} is no port.`, "Give a number from 0 to 65535.");
}
