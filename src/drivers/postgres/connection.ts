import { setTimeout as sleep } from "node:timers/promises";
import { Client, Pool, types } from "pg";
import { backoffDelay } from "../../base/backoff.ts";
import { StorageBusyError } from "../../storage/index.ts";
import { connectionInTime } from "../shared/connection-in-time.ts";
import { withUser } from "./address.ts";
import { Texts } from "./arrays.ts";
import { isPassing, isRace, toStorageError } from "./errors.ts";
import type { News } from "./news.ts";
import type {
  PostgresClient,
  PostgresPool,
  PostgresPoolClient,
  PostgresSource,
  PostgresStorageOptions,
} from "./options.ts";
import { type Tables, tablesOf } from "./schema.ts";
import type { Runner, Session, Statement } from "./statements.ts";

const INT8 = 20;
/** Every bigint here is a sequence or milliseconds, far below 2^53: a number costs less than a text and a BigInt. */
export const TYPES: { getTypeParser: typeof types.getTypeParser } = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === INT8 ? Number : types.getTypeParser(oid, format),
};

/**
 * For connections of our own. A plan made while a table is empty must not scan it once it is full: generic plans are
 * kept for as long as the connection lives.
 */
export const SETTINGS =
  "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off -c enable_hashjoin=off -c enable_mergejoin=off " +
  "-c plan_cache_mode=force_generic_plan -c default_transaction_isolation=read\\ committed -c jit=off";

const ATTEMPTS = 8;
const PAUSE = { firstMs: 2, longestMs: 200 };
/** Longer than any queue for a connection in life; a server that answers nothing must not hold a call for ever. */
const CONNECT_MS = 15_000;

/** A connection for LISTEN, and the way to end it. */
export interface OwnClient {
  readonly client: PostgresClient;
  readonly end: () => Promise<void>;
}

/** A pool, and the names of the tables in it. */
export class Connection {
  readonly tables: Tables;
  readonly #name: string;
  readonly #url: string | undefined;
  readonly #pool: PostgresPool;
  readonly #own: Pool | undefined;
  readonly #texts = new Map<Statement, { name: string; text: string }>();

  constructor(source: PostgresSource, name: string, options: PostgresStorageOptions) {
    const { schema = "firelater", maxConnections = 5 } = options;
    this.tables = tablesOf(schema);
    this.#name = name;
    if (typeof source === "string") {
      this.#url = withUser(source);
      this.#own = poolOf(this.#url, maxConnections);
      // Between the pool and us nobody listens for a moment.
      this.#own.on("connect", (client) => client.on("error", ignore));
      this.#pool = this.#own;
    } else {
      this.#pool = source.pool;
      this.#pool.on("connect", listenAtFirst);
    }
    // An idle connection that breaks is replaced by the pool; without a listener the event would end the process.
    this.#pool.on("error", ignore);
  }

  /** Undefined: made with a pool of somebody else's, of whose settings we know nothing. */
  get url(): string | undefined {
    return this.#url;
  }

  /** What one call of a verb uses. */
  session(news: News): Session {
    return {
      news,
      encoded: toBinaries,
      run: (statement, values) => this.#use((client) => this.#on(client, statement, values)),
      transaction: (body) => this.#transaction(news, body),
      attempt: (doing, action) => this.#attempt(doing, action),
    };
  }

  async #transaction<T>(news: News, body: (tx: Runner) => Promise<T>): Promise<T> {
    return await this.#use(async (client) => {
      await command(client, "BEGIN ISOLATION LEVEL READ COMMITTED");
      try {
        const run: Runner["run"] = (statement, values) => this.#on(client, statement, values);
        const result = await body({ news, encoded: toBinaries, run });
        await command(client, "COMMIT");
        return result;
      } catch (error) {
        throw await rolledBack(client, error);
      }
    });
  }

  async #attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    for (let failures = 1; ; failures++) {
      try {
        return await action();
      } catch (error) {
        if (!isPassing(error)) throw toStorageError(this.#name, doing, error);
        const waited = Math.round(performance.now() - startedAt);
        if (failures >= ATTEMPTS) {
          throw isRace(error)
            ? new StorageBusyError(this.#name, waited, error)
            : toStorageError(this.#name, doing, error);
        }
        await sleep(backoffDelay(PAUSE, failures));
      }
    }
  }

  /** Texts, several statements at once, in one transaction: for migrations. */
  async script(body: (client: PostgresClient) => Promise<void>): Promise<void> {
    await this.#use(async (client) => {
      await command(client, "BEGIN ISOLATION LEVEL READ COMMITTED");
      try {
        await body(client);
        await command(client, "COMMIT");
      } catch (error) {
        throw await rolledBack(client, error);
      }
    });
  }

  /** A connection that stays with the caller. */
  async takeClient(): Promise<OwnClient> {
    if (this.#url === undefined) {
      const client = await this.#connect();
      client.on("error", ignore);
      return { client, end: async () => client.release(true) };
    }
    const client = new Client({
      connectionString: this.#url,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
    });
    client.on("error", ignore);
    await client.connect();
    return { client, end: () => client.end() };
  }

  async close(): Promise<void> {
    // On ours the listeners stay: a connection that is ending may still tell that the server has ended it.
    if (this.#own !== undefined) return await this.#own.end();
    this.#pool.removeListener("connect", listenAtFirst);
    this.#pool.removeListener("error", ignore);
  }

  /** A pool of somebody else's may wait without end. */
  async #connect(): Promise<PostgresPoolClient> {
    const connecting = this.#pool.connect();
    if (this.#own !== undefined) return await connecting;
    return await connectionInTime(connecting, CONNECT_MS, (client) => client.release());
  }

  /** A connection that breaks, or cannot even roll back, is thrown away. */
  async #use<T>(body: (client: PostgresPoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let isBroken = false;
    // Between two statements nobody else listens: the event would end the process.
    const broke = () => {
      isBroken = true;
    };
    client.on("error", broke);
    try {
      return await body(client);
    } catch (error) {
      if (error instanceof BrokenError) {
        isBroken = true;
        throw error.cause;
      }
      throw error;
    } finally {
      client.removeListener("error", broke);
      client.release(isBroken);
    }
  }

  async #on<R extends unknown[]>(
    client: PostgresClient,
    statement: Statement,
    values: readonly unknown[],
  ): Promise<R[]> {
    const { name, text } = this.#prepared(statement);
    return (await client.query<R>({ name, text, values: toBinaries(values), types: TYPES, rowMode: "array" }))
      .rows;
  }

  #prepared(statement: Statement): { name: string; text: string } {
    let known = this.#texts.get(statement);
    if (known === undefined) {
      // Two storages may share connections: the schema is part of the name.
      known = { name: `${statement.name}:${this.tables.schema}`, text: statement.text(this.tables) };
      this.#texts.set(statement, known);
    }
    return known;
  }
}

/** Settings in the URL come after ours, and so go before them. */
function poolOf(url: string, max: number): Pool {
  const parsed = new URL(url);
  const given = parsed.searchParams.get("options") ?? "";
  parsed.searchParams.delete("options");
  return new Pool({
    connectionString: parsed.href,
    max,
    // PgBouncer reads them, too, and takes no space behind the last one.
    options: `${SETTINGS} ${given}`.trimEnd(),
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    allowExitOnIdle: true,
  });
}

async function command(client: PostgresClient, text: string): Promise<void> {
  await client.query({ text, rowMode: "array" });
}

/** The connection of this error cannot be used again. */
class BrokenError extends Error {}

/** The error to throw once the transaction is over. */
async function rolledBack(client: PostgresClient, cause: unknown): Promise<unknown> {
  try {
    await command(client, "ROLLBACK");
    return cause;
  } catch {
    return new BrokenError("the connection cannot roll back", { cause });
  }
}

function ignore(): void {}

/**
 * From the connection on until its first user listens, nobody does: a server that ends it with the same packet would end
 * the process.
 */
function listenAtFirst(client: PostgresClient): void {
  client.on("error", ignore);
  setImmediate(() => client.removeListener("error", ignore));
}

function toBinaries(values: readonly unknown[]): unknown[] {
  return values.map((value) => (value instanceof Texts ? value.toBinary() : value));
}
