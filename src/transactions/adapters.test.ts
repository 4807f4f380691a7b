import { drizzle } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOverProxy } from "drizzle-orm/pg-proxy";
import knex from "knex";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import { describe, expect, test } from "vitest";
import { type DrizzlePostgresTransaction, fromDrizzle } from "./drizzle.ts";
import { fromKnex, type KnexTransaction } from "./knex.ts";
import { fromKysely, type KyselyTransaction } from "./kysely.ts";
import { fromPrisma, type PrismaTransaction } from "./prisma.ts";

const NOT_ADAPTED = "FL_TRANSACTION_NOT_ADAPTED";
const STATEMENT = { text: "SELECT 1", rowMode: "array" } as const;

const kysely = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** What plain JavaScript may pass to any of them. */
const NOTHINGS: readonly unknown[] = [undefined, null, 7, "tx", {}, [], () => {}, Promise.resolve()];

describe.each([
  ["fromKnex", fromKnex],
  ["fromKysely", fromKysely],
  ["fromDrizzle", fromDrizzle],
  ["fromPrisma", fromPrisma],
])("%s", (name, adapt) => {
  test.each(NOTHINGS)("refuses %o, and says what to pass", (value) => {
    const refused = () => Reflect.apply(adapt, undefined, [value]);
    expect(refused).toThrow(expect.objectContaining({ code: NOT_ADAPTED }));
    expect(refused).toThrow(new RegExp(`with ${name}.*Pass the `));
  });
});

describe("the database in place of its transaction", () => {
  test("Knex", () => {
    const db = knex({ client: "pg" });
    // @ts-expect-error: no transaction
    expect(() => fromKnex(db)).toThrow(expect.objectContaining({ code: NOT_ADAPTED }));
  });

  test("Kysely", () => {
    // @ts-expect-error: no transaction
    expect(() => fromKysely(kysely)).toThrow(expect.objectContaining({ code: NOT_ADAPTED }));
  });

  test("Drizzle", () => {
    const db = drizzle.mock();
    // @ts-expect-error: no transaction
    expect(() => fromDrizzle(db)).toThrow(expect.objectContaining({ code: NOT_ADAPTED }));
  });

  test("Prisma", () => {
    const client = { $queryRawUnsafe: async () => [], $connect: async () => {} };
    // @ts-expect-error: no transaction
    expect(() => fromPrisma(client)).toThrow(expect.objectContaining({ code: NOT_ADAPTED }));
  });
});

describe("drivers that no adapter knows", () => {
  test("of Knex are named", () => {
    const trx: KnexTransaction = {
      isCompleted: () => false,
      client: knex({ client: "sqlite3", useNullAsDefault: true }).client,
    };
    expect(() => fromKnex(trx)).toThrow(/the driver sqlite3/);
  });

  test("of Drizzle are named", () => {
    const db = drizzleOverProxy(async () => ({ rows: [] }));
    const never = (): never => {
      throw new Error("rolled back");
    };
    const tx: DrizzlePostgresTransaction = Object.assign(Object.create(db), { rollback: never });
    expect(() => fromDrizzle(tx)).toThrow(/a PgRemoteSession/);
  });
});

describe("what an adapter gives", () => {
  const trx: KnexTransaction = { isCompleted: () => false, client: knex({ client: "pg" }).client };
  const prisma: PrismaTransaction = { $queryRawUnsafe: async () => [{ b: 1, a: null }] };

  test("is one and the same for one transaction", async () => {
    expect(fromKnex(trx)).toBe(fromKnex(trx));
    expect(fromPrisma(prisma)).toBe(fromPrisma(prisma));
    await kysely.transaction().execute(async (tx) => {
      const same: KyselyTransaction = tx;
      expect(fromKysely(tx)).toBe(fromKysely(same));
    });
  });

  test("has the columns in their order", async () => {
    expect(await fromPrisma(prisma).query(STATEMENT)).toEqual({ rows: [[1, null]] });
  });

  test("refuses a storage in another database", async () => {
    await expect(fromKnex(trx).query({ sql: "SELECT 1" })).rejects.toMatchObject({
      code: NOT_ADAPTED,
      message: expect.stringContaining("The transaction is one of PostgreSQL, and the storage is in MySQL."),
    });
  });

  test("tells a state of PostgreSQL where Prisma puts a code of its own above it", async () => {
    const cause = { originalCode: "40001", originalMessage: "could not serialize access" };
    const error = Object.assign(new Error("raw query failed"), {
      code: "P2010",
      meta: { driverAdapterError: { cause } },
    });
    const failing: PrismaTransaction = { $queryRawUnsafe: () => Promise.reject(error) };
    await expect(fromPrisma(failing).query(STATEMENT)).rejects.toMatchObject({
      code: "40001",
      message: "could not serialize access",
      cause: error,
    });
  });
});
