import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/mysql2";
import knex from "knex";
import { CamelCasePlugin, Kysely, sql as kyselySql, MysqlDialect, ParseJSONResultsPlugin } from "kysely";
import { createPool } from "mysql2";
import { createPool as createPromisePool } from "mysql2/promise";
import { fromDrizzle } from "../../src/transactions/drizzle.ts";
import { fromKnex, type MysqlTransaction } from "../../src/transactions/knex.ts";
import { fromKysely } from "../../src/transactions/kysely.ts";
import { heldOpen } from "./held-open.ts";

/** A transaction of a library, as the adapter gives it, and a statement of its user's in it. */
export interface Begun {
  readonly tx: MysqlTransaction;
  write(statement: string): Promise<unknown>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One library, connected to a database. */
export interface Library {
  begin(): Promise<Begun>;
  close(): Promise<void>;
}

/** The libraries over MySQL for which there is an adapter. */
export const LIBRARIES: Readonly<Record<string, (uri: string) => Library>> = {
  mysql2: (uri) => {
    const pool = createPromisePool({ uri, connectionLimit: 2 });
    return {
      async begin() {
        const connection = await pool.getConnection();
        await connection.beginTransaction();
        const end = async (command: string) => {
          await connection.query(command);
          connection.release();
        };
        return {
          tx: connection,
          write: (statement) => connection.query(statement),
          commit: () => end("COMMIT"),
          rollback: () => end("ROLLBACK"),
        };
      },
      close: () => pool.end(),
    };
  },

  "Knex over mysql2": (uri) => {
    const db = knex({ client: "mysql2", connection: uri, pool: { min: 0, max: 2 } });
    return {
      async begin() {
        const trx = await db.transaction();
        return {
          tx: fromKnex(trx),
          write: (statement) => trx.raw(statement),
          commit: async () => void (await trx.commit()),
          rollback: async () => void (await trx.rollback()),
        };
      },
      close: () => db.destroy(),
    };
  },

  Kysely: (uri) => kysely(new Kysely({ dialect: overPool({ uri }) })),

  "Kysely with plugins, bigints as text": (uri) =>
    kysely(
      new Kysely({
        dialect: overPool({ uri, supportBigNumbers: true, bigNumberStrings: true }),
        plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()],
      }),
    ),

  "Drizzle over mysql2": (uri) => {
    const pool = createPromisePool({ uri, connectionLimit: 2 });
    const db = drizzle(pool);
    return {
      async begin() {
        const { tx, commit, rollback } = await heldOpen<Parameters<Parameters<typeof db.transaction>[0]>[0]>(
          (body) => db.transaction(body),
        );
        const write = (statement: string) => tx.execute(sql.raw(statement));
        return { tx: fromDrizzle(tx), write, commit, rollback };
      },
      close: () => pool.end(),
    };
  },
};

function overPool(options: Parameters<typeof createPool>[0] & object): MysqlDialect {
  return new MysqlDialect({ pool: createPool({ ...options, connectionLimit: 2 }) });
}

function kysely(db: Kysely<unknown>): Library {
  return {
    async begin() {
      const trx = await db.startTransaction().execute();
      return {
        tx: fromKysely(trx),
        write: (statement) => kyselySql.raw(statement).execute(trx),
        commit: async () => void (await trx.commit().execute()),
        rollback: async () => void (await trx.rollback().execute()),
      };
    },
    close: () => db.destroy(),
  };
}
