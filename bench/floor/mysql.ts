import type { ResultSetHeader, RowDataPacket } from "mysql2";
import { type Connection, createConnection } from "mysql2/promise";
import { MIGRATIONS } from "../../src/drivers/mysql/schema.ts";
import type { MysqlDatabase } from "../harness/mysql-database.ts";
import type { Floor } from "./floor.ts";
import { newId } from "./uuid.ts";

const INCARNATION = "floor:1:0123456789ab";
const PROCESSING = `"state":"Processing","server":"floor","incarnation":"${INCARNATION}"`;
const SUCCEEDED = `"state":"Succeeded","duration":0,"latency":1000`;
const NOW = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000";
const SEQS_OF_A_TICK = 1_024;

const READY = `SELECT id, fence, history, seq, name, args FROM firelater_job FORCE INDEX (enqueued)
  WHERE state = 1 AND hold = 0 AND queue = 'default' ORDER BY job_rank, seq LIMIT ? FOR UPDATE SKIP LOCKED`;
const TAKE = `UPDATE firelater_job FORCE INDEX (PRIMARY) SET state = 4, state_at = ?, entry = ?, owner = ?, fence = fence + 1
  WHERE id IN (?)`;
const HELD = `SELECT id, queue, job_rank, seq, fence FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id
  FOR UPDATE SKIP LOCKED`;
const SETTLE = `INSERT INTO firelater_job (id, queue, job_rank, seq, state, state_at, entry, hold, created_at, name, args, history)
  VALUES ? ON DUPLICATE KEY UPDATE state = VALUES(state), state_at = VALUES(state_at), entry = VALUES(entry), owner = NULL,
  blamed = 0, fence = fence + 1, history = VALUES(history)`;

export async function openMysqlFloor(database: MysqlDatabase): Promise<Floor> {
  await database.make();
  const connection = await createConnection({ uri: database.url, charset: "utf8mb4" });
  await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  const [[row]] = await connection.query<RowDataPacket[]>("SELECT VERSION() AS version");
  const collation = /mariadb/i.test(String(row?.version)) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  for (const migration of MIGRATIONS)
    for (const statement of migration(collation)) await connection.query(statement);
  return new MysqlFloor(connection, database);
}

interface Claimed {
  readonly id: Buffer;
  readonly fence: number;
  readonly history: string;
}

interface Held {
  readonly id: Buffer;
  readonly queue: string;
  readonly job_rank: number;
  readonly seq: number;
  readonly fence: number;
}

/** Text, as the driver does: lists of ids have many lengths, and what is prepared is prepared for one. */
class MysqlFloor implements Floor {
  readonly #connection: Connection;
  readonly #database: MysqlDatabase;

  constructor(connection: Connection, database: MysqlDatabase) {
    this.#connection = connection;
    this.#database = database;
  }

  async insert(count: number, batch: number): Promise<void> {
    for (let at = 0; at < count; at += batch) await this.#insertBatch(Math.min(batch, count - at));
  }

  async drain(limit: number, batch: number): Promise<number> {
    let drained = 0;
    while (drained < limit) {
      const { rows, now } = await this.#claim(Math.min(batch, limit - drained));
      if (rows.length === 0) break;
      await this.#settle(rows, now);
      drained += rows.length;
    }
    return drained;
  }

  async close(): Promise<void> {
    await this.#connection.end();
    await this.#database.drop();
  }

  async #insertBatch(count: number): Promise<void> {
    const now = await this.#begin();
    const tick = await this.#count("enqueued", count);
    const history = `{"at":${now},"state":"Enqueued"}\n`;
    const rows = Array.from({ length: count }, (_, nth) => {
      const seq = tick * SEQS_OF_A_TICK + nth;
      return [Buffer.from(newId(now)), "default", 0, seq, 1, now, "", 0, now, "noop", "[]", history];
    });
    await this.#connection.query(
      "INSERT INTO firelater_job (id, queue, job_rank, seq, state, state_at, entry, hold, created_at, name, args, history) VALUES ?",
      [rows],
    );
    await this.#connection.query("COMMIT");
  }

  async #claim(batch: number): Promise<{ readonly rows: readonly Claimed[]; readonly now: number }> {
    const now = await this.#begin();
    const [rows] = await this.#connection.query<(RowDataPacket & Claimed)[]>(READY, [batch]);
    if (rows.length > 0) {
      const ids = rows.map(({ id }) => id).sort(Buffer.compare);
      await this.#connection.query(TAKE, [now, PROCESSING, INCARNATION, ids]);
      await this.#count("enqueued, processing", -rows.length, rows.length);
    }
    await this.#connection.query("COMMIT");
    return { rows, now };
  }

  async #settle(rows: readonly Claimed[], claimedAt: number): Promise<void> {
    const now = await this.#begin();
    const claims = new Map(rows.map((row) => [row.id.toString("latin1"), row]));
    const ids = rows.map(({ id }) => id).sort(Buffer.compare);
    const [held] = await this.#connection.query<(RowDataPacket & Held)[]>(HELD, [ids]);
    const settled = held.map(({ id, queue, job_rank: rank, seq, fence }) => {
      const claim = claims.get(id.toString("latin1"));
      if (claim?.fence !== fence - 1) throw new Error("a claim of the floor was not its own");
      const history = `${claim.history}{"at":${claimedAt},${PROCESSING}}\n`;
      return [id, queue, rank, seq, 5, now, SUCCEEDED, 0, 0, "", "", history];
    });
    await this.#connection.query(SETTLE, [settled]);
    await this.#count("processing, succeeded, to_succeeded", -held.length, held.length, held.length);
    await this.#connection.query("COMMIT");
  }

  async #begin(): Promise<number> {
    await this.#connection.query("START TRANSACTION");
    return await this.#now();
  }

  async #now(): Promise<number> {
    const [[row]] = await this.#connection.query<RowDataPacket[]>(`SELECT ${NOW} AS now`);
    return Number(row?.now);
  }

  async #count(columns: string, ...counts: number[]): Promise<number> {
    const [{ insertId }] = await this.#connection.query<ResultSetHeader>(
      `INSERT INTO firelater_change (at, origin, ${columns}) VALUES (0, 0, ?)`,
      [counts],
    );
    return insertId;
  }
}
