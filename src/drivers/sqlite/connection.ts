import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Statements } from "./statements.ts";

/** What a commit waits for: `"full"` the disk, `"normal"` the operating system. */
export type Synchronous = "full" | "normal";

/** One open database file: pragmas, statements and the borders of a transaction. */
export class Connection {
  readonly name: string;
  readonly sql: Statements;
  readonly #db: DatabaseSync;
  #synchronous: Synchronous | undefined;
  #current: Synchronous | undefined;

  constructor(file: string, name: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    this.name = name;
    this.#db = new DatabaseSync(file, { timeout: 0 });
    this.sql = new Statements(this.#db);
  }

  /** Only after the schema's version was found to be known: these settings write to the file. */
  configure(synchronous: Synchronous): void {
    this.#db.exec("PRAGMA journal_mode = WAL");
    this.#synchronous = synchronous;
    this.#waitFor(synchronous);
    this.#db.exec("PRAGMA cache_size = -32768");
    this.#db.exec("PRAGMA temp_store = MEMORY");
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** `durable`: the commit waits for what the storage is set to wait for; else only for the operating system. */
  begin(durable: boolean): void {
    // Left over when an earlier rollback failed too: nothing of it was promised.
    this.rollback();
    this.#waitFor(durable ? this.#synchronous : "normal");
    this.#db.exec("BEGIN IMMEDIATE");
  }

  commit(): void {
    this.#db.exec("COMMIT");
  }

  /** SQLite has already rolled back after some errors (disk full, I/O): then there is nothing left to undo. */
  rollback(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  savepoint(): void {
    this.#db.exec("SAVEPOINT unit");
  }

  releaseSavepoint(): void {
    this.#db.exec("RELEASE unit");
  }

  rollbackToSavepoint(): void {
    this.#db.exec("ROLLBACK TO unit; RELEASE unit");
  }

  /** The setting may change between transactions, never within one. */
  #waitFor(synchronous: Synchronous = "full"): void {
    if (synchronous === this.#current) return;
    this.#db.exec(synchronous === "full" ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    this.#current = synchronous;
  }

  /** Rises when another connection has committed; 2.5 µs a look. */
  dataVersion(): number {
    return Number(this.sql.first("PRAGMA data_version")?.[0]);
  }

  close(): void {
    this.#db.close();
  }
}
