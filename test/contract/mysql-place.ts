import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { connect, giveBackDatabase, takeDatabase, urlOf } from "./mysql-server.ts";

/** A database with tables, and names for two without; whatever is opened is closed, whatever was made is dropped. */
export class Place implements AsyncDisposable {
  readonly database: string;
  readonly later: string;
  readonly fresh: string;
  readonly #storages: MysqlStorage[] = [];

  private constructor(database: string) {
    this.database = database;
    this.later = `${database}_later`;
    this.fresh = `${database}_fresh`;
  }

  static async take(): Promise<Place> {
    const place = new Place(await takeDatabase());
    await connect((server) => server.query("CREATE DATABASE ??", [place.fresh]));
    return place;
  }

  open(database: string): MysqlStorage {
    const storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
    this.#storages.push(storage);
    return storage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const storage of this.#storages) await storage.close();
    await connect(async (server) => {
      for (const name of [this.fresh, this.later]) await server.query("DROP DATABASE IF EXISTS ??", [name]);
    });
    await giveBackDatabase(this.database);
  }
}
