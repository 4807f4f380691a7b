import assert from "node:assert/strict";
import { PrismaPg } from "@prisma/adapter-pg";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOverPostgresJs } from "drizzle-orm/postgres-js";
import knex from "knex";
import { CamelCasePlugin, Kysely, sql as kyselySql, ParseJSONResultsPlugin, PostgresDialect } from "kysely";
import { Pool, type PoolClient } from "pg";
import postgres from "postgres";
import { fromDrizzle } from "../../src/transactions/drizzle.ts";
import { fromKnex, type PostgresStatement, type PostgresTransaction } from "../../src/transactions/knex.ts";
import { fromKysely } from "../../src/transactions/kysely.ts";
import { fromPrisma, type PrismaTransaction } from "../../src/transactions/prisma.ts";
import { POSTGRES_URL } from "../postgres-schema.ts";
import { type HeldOpen, heldOpen } from "./held-open.ts";
import { PrismaClient } from "./prisma-client.ts";

/** A transaction of a library, as the adapter gives it, and a statement of its user's in it. */
export interface Begun {
  readonly tx: PostgresTransaction;
  write(statement: string): Promise<unknown>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One library, connected to the server of the tests. */
export interface Library {
  begin(): Promise<Begun>;
  close(): Promise<void>;
}

/** The libraries over PostgreSQL for which there is an adapter, each with what it may be set up to do to values. */
export const LIBRARIES: Readonly<Record<string, () => Library>> = {
  pg: () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, max: 2 });
    return {
      async begin() {
        const client = await pool.connect();
        await client.query("BEGIN");
        const end = async (command: string) => {
          await client.query(command);
          client.release();
        };
        return {
          tx: fitForObjects(client),
          write: (statement) => client.query(statement),
          commit: () => end("COMMIT"),
          rollback: () => end("ROLLBACK"),
        };
      },
      close: () => pool.end(),
    };
  },

  "Knex over pg": () => {
    const db = knex({ client: "pg", connection: POSTGRES_URL, pool: { min: 0, max: 2 } });
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

  Kysely: () => kysely(new Kysely({ dialect: overPool() })),

  "Kysely with plugins": () =>
    kysely(
      new Kysely({ dialect: overPool(), plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()] }),
    ),

  "Drizzle over pg": () => {
    const pool = new Pool({ connectionString: POSTGRES_URL, max: 2 });
    const db = drizzle(pool);
    return {
      begin: async () =>
        begun(
          await heldOpen<Parameters<Parameters<typeof db.transaction>[0]>[0]>((body) => db.transaction(body)),
          fromDrizzle,
          (tx, statement) => tx.execute(sql.raw(statement)),
        ),
      close: () => pool.end(),
    };
  },

  "Drizzle over postgres": () => overPostgresJs(postgres(POSTGRES_URL, { max: 2, onnotice: () => {} })),

  "Drizzle over postgres, types not fetched, bigints as such": () =>
    overPostgresJs(
      postgres(POSTGRES_URL, {
        max: 2,
        onnotice: () => {},
        fetch_types: false,
        prepare: false,
        types: { bigint: postgres.BigInt },
      }),
    ),

  Prisma: () => {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: POSTGRES_URL, max: 2 }) });
    return {
      begin: async () =>
        begun(await heldOpen<PrismaTx>((body) => prisma.$transaction(body)), fromPrisma, (tx, statement) =>
          tx.$executeRawUnsafe(statement),
        ),
      close: () => prisma.$disconnect(),
    };
  },
};

const INT8 = 20;
const VOID = 2278;

/**
 * Sees to it that every answer of the driver's survives a library that makes objects of rows: each column has a name of
 * its own that is no number, and none is of a type that libraries read in different ways, or not at all.
 */
function fitForObjects(client: PoolClient): PostgresTransaction & { readonly readyForQuery: unknown } {
  return {
    async query<R extends unknown[]>(statement: PostgresStatement) {
      const { rows, fields } = await client.query<R>(statement);
      const names = new Set(fields.map(({ name }) => name));
      const isFit =
        names.size === fields.length &&
        fields.every(({ name, dataTypeID: type }) => !/^\d+$/.test(name) && type !== INT8 && type !== VOID);
      assert(
        isFit,
        `${statement.text} answers ${fields.map((field) => `${field.name}:${field.dataTypeID}`)}`,
      );
      return { rows };
    },
    getTransactionStatus: () => client.getTransactionStatus(),
    get readyForQuery() {
      return Reflect.get(client, "readyForQuery");
    },
  };
}

/** What a generated client says of its transactions, and this one does not. */
interface PrismaTx extends PrismaTransaction {
  $executeRawUnsafe(statement: string): Promise<unknown>;
}

function overPool(): PostgresDialect {
  return new PostgresDialect({ pool: new Pool({ connectionString: POSTGRES_URL, max: 2 }) });
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

function overPostgresJs(client: postgres.Sql): Library {
  const db = drizzleOverPostgresJs(client);
  return {
    begin: async () =>
      begun(
        await heldOpen<Parameters<Parameters<typeof db.transaction>[0]>[0]>((body) => db.transaction(body)),
        fromDrizzle,
        (tx, statement) => tx.execute(sql.raw(statement)),
      ),
    close: () => client.end(),
  };
}

function begun<Tx>(
  { tx, commit, rollback }: HeldOpen<Tx>,
  adapt: (tx: Tx) => PostgresTransaction,
  write: (tx: Tx, statement: string) => Promise<unknown>,
): Begun {
  return { tx: adapt(tx), write: (statement) => write(tx, statement), commit, rollback };
}
