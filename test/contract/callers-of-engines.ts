import type { Storage } from "../../src/storage/index.ts";
import type { BegunTransaction } from "../../src/testing/contract/index.ts";
import type { Setup } from "../../src/testing/contract/setup.ts";
import { openBeside as openPostgres } from "../postgres-callers.ts";
import { isReachable } from "../postgres-schema.ts";
import { openBeside as openMysql } from "./mysql-callers.ts";
import { reach } from "./mysql-server.ts";

/** An empty storage on one of the engines that have connections of callers. */
export interface EngineCallers extends AsyncDisposable {
  readonly storage: Storage;
  readonly setup: Setup;
  begun(): Promise<BegunTransaction>;
  /** A neighbour locks the row of a job, until the returned function is called. */
  hold(id: string): Promise<() => Promise<void>>;
}

type Open = () => Promise<EngineCallers>;

/** Those that are reachable. */
export async function callersOfEngines(): Promise<[engine: string, open: Open][]> {
  const engines: [string, Open][] = [];
  if (await isReachable()) engines.push(["PostgreSQL", onPostgres]);
  if ((await reach()) === undefined) engines.push(["MySQL", onMysql]);
  return engines;
}

async function onPostgres(): Promise<EngineCallers> {
  const opened = openPostgres();
  return {
    ...{ storage: opened.storage, setup: opened.setup },
    begun: () => opened.begun(),
    async hold(id) {
      const { client, rollback } = await opened.begun();
      await client.query(`SELECT FROM ${opened.schema}.job WHERE id = $1 FOR UPDATE`, [id]);
      return rollback;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function onMysql(): Promise<EngineCallers> {
  const opened = await openMysql();
  return {
    ...{ storage: opened.storage, setup: opened.setup },
    begun: () => opened.begun(),
    async hold(id) {
      const { connection, rollback } = await opened.begun();
      const values = [id.replaceAll("-", "")];
      await connection.query("SELECT id FROM firelater_job WHERE id = UNHEX(?) FOR UPDATE", values);
      return rollback;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
