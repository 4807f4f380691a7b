import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BackgroundJobClient,
  defineJobs,
  type JobFilter,
  type JobSet,
  type JobState,
  RecurringJobManager,
  type Storage,
} from "firelater";
import { MemoryStorage } from "firelater/memory";
import { MysqlStorage } from "firelater/mysql";
import { PostgresStorage } from "firelater/postgres";
import { SqliteStorage } from "firelater/sqlite";
import { afterAll, expect } from "vitest";
import { createScheduler } from "../../src/recurring/scheduler.ts";
import { JobServer } from "../../src/server/server.ts";
import type { ServerParts } from "../../src/server/server-options.ts";
import type { JobRecord } from "../../src/storage/index.ts";
import { dropDatabases, giveBackDatabase, takeDatabase, urlOf } from "../contract/mysql-server.ts";
import { dropSchema, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { RedisPlace } from "../redis-place.ts";
import { BreakableStorage } from "./breakable-storage.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** Small times, so that what takes half a minute in life takes two seconds here. */
export const FAST = {
  serverTimeout: "2s",
  heartbeatInterval: "500ms",
  serverCheckInterval: "500ms",
  pollingInterval: "200ms",
  shutdownTimeout: "5s",
  signals: false,
} as const;

/** How long anything may take on a busy machine before a test calls it missing. */
export const SOON = { timeout: 30_000, interval: 10 } as const;

/** Where the jobs of a test are. */
interface Place {
  /** The database, where it is a file. */
  readonly file?: string;
  /** A handle on them. */
  readonly open: () => Storage;
  /** Removes them, once every handle is closed. */
  readonly remove: () => Promise<void>;
}

/** An empty storage, and whatever a test makes on it; closed in the right order at the end. */
export class Workbench implements AsyncDisposable {
  readonly broken: BreakableStorage;
  readonly logger = new RecordingLogger();
  /** The database; empty where it is no file. */
  readonly file: string;
  readonly #servers: JobServer[] = [];
  readonly #storages: Storage[];
  readonly #place: Place;

  private constructor(place: Place) {
    const storage = place.open();
    this.broken = new BreakableStorage(storage);
    this.file = place.file ?? "";
    this.#place = place;
    this.#storages = [storage];
  }

  static async onSqlite(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), "firelater-"));
    const file = join(folder, "jobs.db");
    return new Workbench({
      file,
      open: () => new SqliteStorage(file, { synchronous: "normal" }),
      remove: () => rm(folder, { recursive: true }),
    });
  }

  static onPostgres(): Workbench {
    const schema = newSchema();
    return new Workbench({
      open: () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 4 }),
      remove: () => dropSchema(schema),
    });
  }

  static onRedis(): Workbench {
    const place = new RedisPlace();
    return new Workbench({ open: () => place.open(), remove: () => place.remove() });
  }

  static async onMysql(): Promise<Workbench> {
    const database = await takeDatabase();
    return new Workbench({
      open: () => new MysqlStorage(urlOf(database), { maxConnections: 4 }),
      remove: () => giveBackDatabase(database),
    });
  }

  /** `now` is the storage's clock, for a test that moves it. */
  static inMemory(now: () => number = Date.now): Workbench {
    return new Workbench({ open: () => new MemoryStorage({ now }), remove: async () => {} });
  }

  get storage(): Storage {
    return this.broken.storage;
  }

  /** Another handle on the same jobs, as another process would have. Not in memory. */
  another(): Storage {
    const storage = this.#place.open();
    this.#storages.push(storage);
    return storage;
  }

  client<J extends JobSet>(jobs: J, storage: Storage = this.storage): BackgroundJobClient<J> {
    return new BackgroundJobClient({ storage, jobs });
  }

  /** A client with filters; what they throw too late is told to the logger. */
  filtering<J extends JobSet>(jobs: J, ...filters: readonly JobFilter[]): BackgroundJobClient<J> {
    return new BackgroundJobClient({ storage: this.storage, jobs, filters, logger: this.logger });
  }

  recurring<J extends JobSet>(jobs: J, storage: Storage = this.storage): RecurringJobManager<J> {
    return new RecurringJobManager({ storage, jobs });
  }

  /** A server that is at work. */
  async serve(jobs: ServerParts["jobs"], options: Partial<ServerParts> = {}): Promise<JobServer> {
    return this.make(jobs, options).started;
  }

  /** A server that has only just been made. It fires recurring jobs, as those of the package do. */
  make(jobs: ServerParts["jobs"], options: Partial<ServerParts> = {}): JobServer {
    const own = { storage: this.storage, jobs, logger: this.logger, processes: [createScheduler] };
    const server = new JobServer({ ...own, ...FAST, ...options });
    this.#servers.push(server);
    return server;
  }

  /** The states of a job's history, oldest first, the current one last. */
  async states(id: string): Promise<JobState[]> {
    return ((await this.client(NO_JOBS).get(id))?.history ?? []).map(({ state }) => state);
  }

  async state(id: string): Promise<JobState | undefined> {
    return (await this.storage.get([id]))[0]?.state;
  }

  /** The rows of these jobs, in the order of the ids, asked for in chunks that one call may carry. */
  async rows(ids: readonly string[]): Promise<JobRecord[]> {
    const { maxRows } = this.storage.manifest;
    const found = new Map<string, JobRecord>();
    for (let at = 0; at < ids.length; at += maxRows) {
      for (const row of await this.storage.get(ids.slice(at, at + maxRows))) found.set(row.id, row);
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /** Waits until the job is in this state. */
  async reaches(id: string, state: JobState): Promise<void> {
    await expect.poll(() => this.state(id), SOON).toBe(state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop({ timeout: "0s" })));
    for (const storage of this.#storages) await storage.close();
    await this.#place.remove();
  }
}

// Reading a job needs none of its code.
const NO_JOBS = defineJobs({});

type Kind = readonly [name: string, open: () => Workbench | Promise<Workbench>];

const KINDS: Readonly<Record<string, Kind>> = {
  sqlite: ["SQLite", () => Workbench.onSqlite()],
  memory: ["memory", () => Workbench.inMemory()],
  postgres: ["PostgreSQL", () => Workbench.onPostgres()],
  redis: ["Redis", () => Workbench.onRedis()],
  mysql: ["MySQL", () => Workbench.onMysql()],
};

/**
 * The kinds of storage on which a behaviour is shown: those that need no server, or those that TEST_STORAGES names,
 * such as `TEST_STORAGES=postgres`.
 */
export const STORAGES: Kind[] = (process.env.TEST_STORAGES ?? "sqlite,memory").split(",").map((name) => {
  const kind = KINDS[name.trim()];
  if (kind === undefined)
    throw new Error(`TEST_STORAGES names ${name}: there are ${Object.keys(KINDS).join(", ")}`);
  return kind;
});

afterAll(dropDatabases);
