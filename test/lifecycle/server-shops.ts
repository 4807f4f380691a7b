import { BackgroundJobClient, type JobSet, type Storage } from "firelater";
import { MysqlStorage } from "firelater/mysql";
import { PostgresStorage } from "firelater/postgres";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { Client } from "pg";
import { JobServer } from "../../src/server/server.ts";
import { giveBackDatabase, takeDatabase, urlOf } from "../contract/mysql-server.ts";
import { dropSchema, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { FAST } from "./workbench.ts";

/** An application with a table of its own beside its jobs. */
export abstract class Shop<Tx> implements AsyncDisposable {
  abstract readonly storage: Storage<Tx>;
  readonly #servers: JobServer[] = [];

  /** On a connection of its own; what the body throws ends it in a rollback. */
  abstract transaction(end: "COMMIT" | "ROLLBACK", body: (tx: Tx) => Promise<void>): Promise<void>;
  abstract writeRow(tx: Tx, order: number): Promise<void>;
  abstract rows(): Promise<number[]>;
  protected abstract remove(): Promise<void>;

  serve<J extends JobSet>(jobs: J): BackgroundJobClient<J, Tx> {
    const { storage } = this;
    this.#servers.push(new JobServer({ storage, jobs, logger: new RecordingLogger(), ...FAST }));
    return new BackgroundJobClient({ storage, jobs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop({ timeout: "0s" })));
    await this.storage.close();
    await this.remove();
  }
}

export class PostgresShop extends Shop<Client> {
  readonly schema: string = newSchema();
  readonly storage: PostgresStorage = new PostgresStorage(POSTGRES_URL, { schema: this.schema });

  static async open(): Promise<PostgresShop> {
    const shop = new PostgresShop();
    await shop.storage.ready;
    await onPostgres(`CREATE TABLE ${shop.schema}.paid (order_id integer NOT NULL)`);
    return shop;
  }

  async transaction(end: "COMMIT" | "ROLLBACK", body: (tx: Client) => Promise<void>): Promise<void> {
    const tx = new Client({ connectionString: POSTGRES_URL });
    await tx.connect();
    try {
      await tx.query("BEGIN");
      await body(tx);
      await tx.query(end);
    } finally {
      await tx.end();
    }
  }

  async writeRow(tx: Client, order: number): Promise<void> {
    await tx.query(`INSERT INTO ${this.schema}.paid (order_id) VALUES ($1)`, [order]);
  }

  async rows(): Promise<number[]> {
    const { rows } = await onPostgres(`SELECT order_id FROM ${this.schema}.paid ORDER BY 1`);
    return rows.map(({ order_id }) => Number(order_id));
  }

  protected remove(): Promise<void> {
    return dropSchema(this.schema);
  }
}

export class MysqlShop extends Shop<Connection> {
  readonly storage: MysqlStorage;
  readonly #database: string;

  private constructor(database: string) {
    super();
    this.#database = database;
    this.storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
  }

  static async open(): Promise<MysqlShop> {
    const shop = new MysqlShop(await takeDatabase());
    await shop.storage.ready;
    await shop.#connected((own) => own.query("CREATE TABLE IF NOT EXISTS paid (order_id INT NOT NULL)"));
    return shop;
  }

  async transaction(end: "COMMIT" | "ROLLBACK", body: (tx: Connection) => Promise<void>): Promise<void> {
    await this.#connected(async (tx) => {
      await tx.beginTransaction();
      await body(tx);
      await tx.query(end);
    });
  }

  async writeRow(tx: Connection, order: number): Promise<void> {
    await tx.query("INSERT INTO paid (order_id) VALUES (?)", [order]);
  }

  async rows(): Promise<number[]> {
    const [rows] = await this.#connected((own) =>
      own.query<RowDataPacket[]>("SELECT order_id FROM paid ORDER BY 1"),
    );
    return rows.map(({ order_id }) => Number(order_id));
  }

  protected remove(): Promise<void> {
    return giveBackDatabase(this.#database);
  }

  async #connected<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await createConnection(urlOf(this.#database));
    try {
      return await run(connection);
    } finally {
      await connection.end();
    }
  }
}
