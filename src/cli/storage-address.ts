import { existsSync } from "node:fs";
import { didYouMean } from "../base/suggestion.ts";
import { CommandLineError } from "./command-line-error.ts";

export type Engine = "postgres" | "mysql" | "redis" | "sqlite";

/** Which storage, and where: a URL, or the path of a file. */
export interface StorageAddress {
  readonly engine: Engine;
  readonly place: string;
}

const ENGINES: ReadonlyMap<string, Engine> = new Map<string, Engine>([
  ["postgres", "postgres"],
  ["postgresql", "postgres"],
  ["mysql", "mysql"],
  ["mariadb", "mysql"],
  ["redis", "redis"],
  ["rediss", "redis"],
]);
const FITS = "What fits: postgres://…, mysql://…, redis://…, sqlite:./jobs.db, or the path of a file.";

/** What an address means. No part of it is repeated that could hold a password. */
export function readAddress(address: string): StorageAddress {
  const [, file] = /^sqlite:(?:\/\/)?(.*)$/is.exec(address) ?? [];
  if (file !== undefined) return { engine: "sqlite", place: requirePath(file) };
  const [, scheme] = /^([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(address) ?? [];
  if (scheme === undefined) return { engine: "sqlite", place: requirePath(address) };
  const engine = ENGINES.get(scheme.toLowerCase());
  if (engine !== undefined) return { engine, place: address };
  throw new CommandLineError(
    `There is no storage of the kind ${scheme}://.`,
    [didYouMean(scheme, ENGINES.keys()), FITS].filter(Boolean).join(" "),
  );
}

function requirePath(path: string): string {
  if (path === "") throw new CommandLineError("The address of the storage names no file.", FITS);
  if (path === ":memory:") {
    throw new CommandLineError(
      "The jobs of a storage in memory are in the process that made it.",
      "Serve the dashboard from that process: createDashboard of firelater/dashboard.",
    );
  }
  // Most likely a URL that lacks its beginning: as a path it would be repeated in the next message.
  if (/:[^/]*@/.test(path) && !existsSync(path))
    throw new CommandLineError("The address of the storage does not say of which kind it is.", FITS);
  return path;
}
