import { DatabaseSync } from "node:sqlite";
import type { Duration } from "../../base/duration.ts";
import { preview } from "../../base/error.ts";
import { InvalidStorageOptionsError } from "../../storage/index.ts";
import { refuseUnknownNames } from "../shared/known-options.ts";
import type { Synchronous } from "./connection.ts";

/** How a SQLite storage writes. */
export interface SqliteStorageOptions {
  /**
   * `"full"` (default): a resolved write has survived a power cut. `"normal"`: it has survived the death of the
   * process, but a power cut may lose the last moments; writes are cheaper where fsync is slow.
   */
  readonly synchronous?: Synchronous | undefined;
  /** How long a write waits for another process's lock before it fails with `FL_STORAGE_BUSY`. Default `"30s"`. */
  readonly busyTimeout?: Duration | undefined;
  /**
   * `false`: opens only a file that has the tables of this version. Nothing is made or migrated: `FL_STORE_MISSING`,
   * `FL_SCHEMA_TOO_OLD`. Default `true`.
   */
  readonly migrate?: boolean | undefined;
}

/** A misspelt option must not end as another promise. */
export function checkNames(options: SqliteStorageOptions): void {
  refuseUnknownNames(
    options,
    { synchronous: true, busyTimeout: true, migrate: true },
    "the options of a SQLite storage",
  );
}

/** The file of a path, or of a connection of the caller's. */
export function fileOf(source: unknown): string {
  if (typeof source === "string" && source !== "") return source;
  if (source instanceof DatabaseSync) return fileOfConnection(source);
  throw new InvalidStorageOptionsError(
    `Cannot open ${preview(source)} as a SQLite file.`,
    'Give its path, such as "data/jobs.db", or ":memory:", or an open DatabaseSync of node:sqlite.',
  );
}

function fileOfConnection(database: DatabaseSync): string {
  const file = database.isOpen ? database.location() : null;
  if (file !== null) return file;
  throw new InvalidStorageOptionsError(
    database.isOpen
      ? "Cannot keep jobs in a database that is in memory."
      : "Cannot use a closed DatabaseSync.",
    "Open a DatabaseSync on a file: the storage works on connections of its own to that file.",
  );
}

export function toMigrates(given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given ?? true;
  throw new InvalidStorageOptionsError(`Cannot use ${preview(given)} as migrate.`, "Give true or false.");
}

/** A misspelt setting must not end as a weaker promise. */
export function toSynchronous(given: unknown): Synchronous {
  if (given === undefined) return "full";
  if (given === "full" || given === "normal") return given;
  throw new InvalidStorageOptionsError(
    `Cannot use ${preview(given)} as synchronous.`,
    'Use "full" (the default: a stored job survives a power cut) or "normal".',
  );
}
