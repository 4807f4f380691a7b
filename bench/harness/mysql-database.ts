import { createHash } from "node:crypto";
import type { Storage } from "firelater";
import { MysqlStorage } from "firelater/mysql";
import { createConnection } from "mysql2/promise";

/** Where the MySQL or MariaDB to be measured is; its user may make databases. */
const SERVER = process.env.BENCH_MYSQL_URL ?? "mysql://root@127.0.0.1:3306/";

/** A database on that server for a folder, so that every process of a sample finds the same one. */
export class MysqlDatabase {
  readonly name: string;
  readonly url: string;

  constructor(name: string) {
    this.name = name;
    this.url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
  }

  make(): Promise<void> {
    return this.#run("CREATE DATABASE IF NOT EXISTS ??");
  }

  drop(): Promise<void> {
    return this.#run("DROP DATABASE IF EXISTS ??");
  }

  async #run(sql: string): Promise<void> {
    const server = await createConnection({ uri: SERVER });
    await server.query(sql, [this.name]);
    await server.end();
  }
}

export function mysqlDatabase(folder: string): MysqlDatabase {
  return new MysqlDatabase(
    `firelater_bench_${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`,
  );
}

export async function openMysql(database: MysqlDatabase): Promise<Storage> {
  await database.make();
  return new OwnDatabaseStorage(database);
}

/** Its database goes when it closes. */
class OwnDatabaseStorage extends MysqlStorage {
  readonly #database: MysqlDatabase;

  constructor(database: MysqlDatabase) {
    super(database.url);
    this.#database = database;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#database.drop();
  }
}
