import type { MysqlStatement, MysqlTransaction } from "../../src/drivers/mysql/index.ts";
import type { PostgresQuery, PostgresTransaction } from "../../src/drivers/postgres/index.ts";
import type { BegunTransaction } from "../../src/testing/contract/index.ts";
import type { Setup } from "../../src/testing/contract/setup.ts";
import { openBeside as openPostgres, type Callers as PostgresCallers } from "../postgres-callers.ts";
import { isReachable } from "../postgres-schema.ts";
import { type Callers as MysqlCallers, openBeside as openMysql } from "./mysql-callers.ts";
import { reach } from "./mysql-server.ts";

/** An empty storage, and callers of it that give up in the middle of a call. */
export interface CutShort extends AsyncDisposable {
  readonly setup: Setup;
  /** A transaction that its caller rolls back as soon as so many statements of the storage's have been sent. */
  begin(after: number): Promise<BegunTransaction>;
}

type Open = () => Promise<CutShort>;

/** The engines that have connections of callers and are reachable. */
export async function cutShortOn(): Promise<[engine: string, open: Open][]> {
  const engines: [string, Open][] = [];
  if (await isReachable()) engines.push(["PostgreSQL", onPostgres]);
  if ((await reach()) === undefined) engines.push(["MySQL", onMysql]);
  return engines;
}

async function onPostgres(): Promise<CutShort> {
  const opened: PostgresCallers = openPostgres();
  await opened.storage.ready;
  const client = await opened.caller();
  return {
    setup: opened.setup,
    async begin(after) {
      await client.query("BEGIN");
      const end = once(async () => void (await client.query("ROLLBACK")));
      const sent = counting(after, end);
      const tx: PostgresTransaction & { readonly readyForQuery: unknown } = {
        query: <R extends unknown[]>(query: PostgresQuery) => sent(client.query<R>(query)),
        getTransactionStatus: () => client.getTransactionStatus(),
        get readyForQuery() {
          return Reflect.get(client, "readyForQuery");
        },
      };
      return begun(opened.storage, tx, end);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function onMysql(): Promise<CutShort> {
  const opened: MysqlCallers = await openMysql();
  const connection = await opened.caller();
  return {
    setup: opened.setup,
    async begin(after) {
      await connection.beginTransaction();
      const end = once(() => connection.rollback());
      const sent = counting(after, end);
      const tx: MysqlTransaction & { readonly connection: unknown } = {
        query: (statement: MysqlStatement) => sent(connection.query(statement)),
        connection: Reflect.get(connection, "connection"),
      };
      return begun(opened.storage, tx, end);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

interface Verbs<Tx> {
  insert(jobs: Parameters<BegunTransaction["insert"]>[0], tx: Tx): ReturnType<BegunTransaction["insert"]>;
  commit(changes: Parameters<BegunTransaction["change"]>[0], tx: Tx): ReturnType<BegunTransaction["change"]>;
}

function begun<Tx>(storage: Verbs<Tx>, tx: Tx, end: () => Promise<void>): BegunTransaction {
  return {
    insert: (jobs) => storage.insert(jobs, tx),
    change: (changes) => storage.commit(changes, tx),
    commit: () => Promise.reject(new Error("it is rolled back")),
    rollback: end,
  };
}

/** Right behind the statement, so that its answer finds the end on its way already. */
function counting(after: number, end: () => Promise<void>): <T>(sending: T) => T {
  let sent = 0;
  return (sending) => {
    if (++sent === after) void end();
    return sending;
  };
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
