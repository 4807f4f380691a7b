import { FirelaterError } from "../base/error.ts";
import type { Storage } from "../storage/index.ts";
import { CommandLineError } from "./command-line-error.ts";
import { refuseMissingFile } from "./missing-file.ts";
import type { Engine, StorageAddress } from "./storage-address.ts";

/** The client of a database is not installed (`FL_DRIVER_MISSING`). */
export class DriverMissingError extends FirelaterError {
  constructor(engine: Engine, packageName: string, cause: unknown) {
    super({
      code: "FL_DRIVER_MISSING",
      what: `The package ${packageName} is not installed, which a storage of ${engine} needs.`,
      mend: `Run "npm install ${packageName}" where firelater is installed; with npx alone: npx -p firelater -p ${packageName} firelater …`,
      cause,
    });
  }
}

/** What tells one storage from another in the same database. */
export interface StorageNames {
  readonly schema: string | undefined;
  readonly prefix: string | undefined;
}

/** Everything is opened as it is: whoever only wants to look must not make an empty store by a slip, nor migrate one. */
const AS_IT_IS = { migrate: false } as const;
/** People look at a dashboard, and there are few of them. */
const MAX_CONNECTIONS = 4;

type Opener = (place: string, names: StorageNames) => Promise<Storage>;

const OPENERS: Readonly<Record<Engine, Opener>> = {
  postgres: async (url, { schema }) => {
    const load = () => import("../drivers/postgres/index.ts");
    const { PostgresStorage } = await loaded("postgres", "pg", load);
    return new PostgresStorage(url, { ...AS_IT_IS, schema, maxConnections: MAX_CONNECTIONS });
  },
  mysql: async (url) => {
    const { MysqlStorage } = await loaded("mysql", "mysql2", () => import("../drivers/mysql/index.ts"));
    return new MysqlStorage(url, { ...AS_IT_IS, maxConnections: MAX_CONNECTIONS });
  },
  redis: async (url, { prefix }) => {
    const { RedisStorage } = await loaded("redis", "ioredis", () => import("../drivers/redis/index.ts"));
    // The application has decided whether its jobs may be evicted; whoever looks must not be kept from seeing it.
    return new RedisStorage(url, { ...AS_IT_IS, prefix, timeout: "5s", allowEviction: true });
  },
  sqlite: async (path) => {
    refuseMissingFile(path);
    const { SqliteStorage } = await import("../drivers/sqlite/index.ts");
    return new SqliteStorage(path, AS_IT_IS);
  },
};

/** A storage that is open. Whoever gets it closes it. */
export async function openStorage({ engine, place }: StorageAddress, names: StorageNames): Promise<Storage> {
  checkNames(engine, names);
  const storage = await OPENERS[engine](place, names);
  try {
    await storage.ready;
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function checkNames(engine: Engine, { schema, prefix }: StorageNames): void {
  if (schema !== undefined && engine !== "postgres")
    throw new CommandLineError("--schema is for PostgreSQL alone.", "Leave it out.");
  if (prefix !== undefined && engine !== "redis")
    throw new CommandLineError("--prefix is for Redis alone.", "Leave it out.");
}

async function loaded<T>(engine: Engine, packageName: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error, packageName)) throw new DriverMissingError(engine, packageName, error);
    throw error;
  }
}

/** What that package itself lacks is another matter. */
function isMissing(error: unknown, packageName: string): boolean {
  if (!(error instanceof Error) || Reflect.get(error, "code") !== "ERR_MODULE_NOT_FOUND") return false;
  return error.message.includes(`'${packageName}'`);
}
