import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolClient, types } from "pg";
import { backoffDelay } from "../../base/backoff.ts";
import { StorageBusyError } from "../../storage/index.ts";
import { isPassing, toStorageError } from "./errors.ts";
import { type Tables, tablesOf } from "./schema.ts";
import type { Runner, Statement } from "./statements.ts";

const INT8 = 20;
/** Every bigint here is a sequence or milliseconds, far below 2^53: a number costs less than a text and a BigInt. */
const TYPES: { getTypeParser: typeof types.getTypeParser } = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === INT8 ? Number : types.getTypeParser(oid, format),
};

/**
 * For connections of our own. A plan made while a table is empty must not scan it once it is full: generic plans are
 * kept for as long as the connection lives.
 */
const SETTINGS =
  "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off -c enable_hashjoin=off -c enable_mergejoin=off " +
  "-c plan_cache_mode=force_generic_plan -c default_transaction_isolation=read\\ committed -c jit=off";

const ATTEMPTS = 8;
const PAUSE = { firstMs: 2, longestMs: 200 };

export interface ConnectionOptions {
  /** The tables live in a schema of this name. Default `firelater`. */
  readonly schema?: string | undefined;
  /** Connections at most. Default 5. */
  readonly maxConnections?: number | undefined;
}

/** A pool, and the names of the tables in it. */
export class Connection implements Runner {
  readonly tables: Tables;
  readonly #name: string;
  readonly #pool: Pool;
  readonly #texts = new Map<Statement, { name: string; text: string }>();

  constructor(url: string, name: string, { schema = "firelater", maxConnections = 5 }: ConnectionOptions) {
    this.tables = tablesOf(schema);
    this.#name = name;
    this.#pool = new Pool({ connectionString: withUser(url), max: maxConnections, options: SETTINGS });
    // An idle connection that breaks is replaced by the pool; without a listener the event would end the process.
    this.#pool.on("error", () => {});
  }

  run<R extends unknown[]>(statement: Statement, values: readonly unknown[]): Promise<R[]> {
    return this.#on(this.#pool, statement, values);
  }

  /** One short READ COMMITTED transaction. If the process dies inside, the server rolls it back. */
  async transaction<T>(body: (tx: Runner) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      try {
        const result = await body({ run: (statement, values) => this.#on(client, statement, values) });
        await client.query("COMMIT");
        broken = false;
        return result;
      } catch (error) {
        await client.query("ROLLBACK");
        broken = false;
        throw error;
      }
    } finally {
      // A connection that cannot even roll back is thrown away.
      client.release(broken);
    }
  }

  /** Does it again while neighbours are in the way; every other error becomes one of the contract's. */
  async attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    for (let failures = 1; ; failures++) {
      try {
        return await action();
      } catch (error) {
        if (!isPassing(error)) throw toStorageError(this.#name, doing, error);
        const waited = Math.round(performance.now() - startedAt);
        if (failures === ATTEMPTS) throw new StorageBusyError(this.#name, waited, error);
        await sleep(backoffDelay(PAUSE, failures));
      }
    }
  }

  /** Text without parameters, several statements at once: for migrations. */
  async script(body: (client: PoolClient) => Promise<void>): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      await body(client);
      await client.query("COMMIT");
    } finally {
      // Whatever went wrong, closing the connection rolls it back.
      client.release(true);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #on<R extends unknown[]>(
    target: Pool | PoolClient,
    statement: Statement,
    values: readonly unknown[],
  ): Promise<R[]> {
    const { name, text } = this.#prepared(statement);
    const query = { name, text, values: [...values], types: TYPES, rowMode: "array" as const };
    return (await target.query<R>(query)).rows;
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

/** As psql does: who names no user is the user of the system. pg takes USER from the environment, which services lack. */
export function withUser(url: string): string {
  if (process.env.PGUSER || process.env.USER || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === "" && !parsed.searchParams.has("user")) parsed.username = userInfo().username;
  return parsed.href;
}
