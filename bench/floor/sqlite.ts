import { DatabaseSync, type StatementSync } from "node:sqlite";
import { MIGRATIONS } from "../../src/drivers/sqlite/schema.ts";
import type { Floor } from "./floor.ts";
import { newId } from "./uuid.ts";

type Row = readonly unknown[];

const NOW = "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)";
const COUNT = "UPDATE firelater_counter SET value = value + ? WHERE name = ?";
const NEXT_SEQS = "UPDATE firelater_counter SET value = value + ? WHERE name = 'seq' RETURNING value";
const LEASE = "SELECT 1 FROM firelater_server WHERE incarnation = ? AND renewed_at + timeout_ms > ?";
// What is the same for every job stands in the text: binding it would be paid for each row.
const INSERT = `INSERT INTO firelater_job
  (id, queue, rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, display_name, flags, gate, history)
  VALUES (?1, ?2, ?3, ?4, 1, ?5, '', 0, ?5, NULL, ?6, ?7, NULL, 0, NULL, ?8) ON CONFLICT (id) DO NOTHING`;
const READY = `SELECT id, queue, rank, seq, created_at, due_at, name, args, display_name, failures, crashes, fence,
  flags, history, key FROM firelater_job WHERE state = 1 AND hold = 0 AND queue = ? ORDER BY rank, seq LIMIT ? + 0`;
const TAKE = `UPDATE firelater_job SET state = 4, state_at = ?, entry = ?, hold = 0, owner = ?, blamed = ?, fence = fence + 1
  WHERE key IN (SELECT value FROM json_each(?))`;
const SETTLE = `UPDATE firelater_job SET state = 5, state_at = ?, entry = ?, history = ?, owner = NULL,
  blamed = 0, fence = fence + 1 WHERE id = ? AND fence = ? AND +state = 4 AND flags = 0`;

const INCARNATION = "floor:1:0123456789ab";
const PROCESSING = `"state":"Processing","server":"floor","incarnation":"${INCARNATION}"`;
const SUCCEEDED = `"state":"Succeeded","duration":0,"latency":1000`;

export function openSqliteFloor(file: string, synchronous: "FULL" | "NORMAL"): Floor {
  const db = new DatabaseSync(file, { timeout: 0 });
  db.exec("PRAGMA auto_vacuum = INCREMENTAL");
  for (const pragma of ["journal_mode = WAL", `synchronous = ${synchronous}`, "cache_size = -32768"]) {
    db.exec(`PRAGMA ${pragma}`);
  }
  if (prepare(db, "PRAGMA schema_version").get()?.[0] === 0)
    for (const migration of MIGRATIONS) db.exec(migration);
  takeLease(db);
  return new SqliteFloor(db, synchronous);
}

class SqliteFloor implements Floor {
  readonly #db: DatabaseSync;
  readonly #now: StatementSync;
  readonly #count: StatementSync;
  readonly #nextSeqs: StatementSync;
  readonly #lease: StatementSync;
  readonly #insert: StatementSync;
  readonly #ready: StatementSync;
  readonly #take: StatementSync;
  readonly #settle: StatementSync;

  readonly #durable: string;

  constructor(db: DatabaseSync, synchronous: string) {
    this.#db = db;
    this.#durable = `PRAGMA synchronous = ${synchronous}`;
    this.#now = prepare(db, NOW);
    this.#count = prepare(db, COUNT);
    this.#nextSeqs = prepare(db, NEXT_SEQS);
    this.#lease = prepare(db, LEASE);
    this.#insert = prepare(db, INSERT);
    this.#ready = prepare(db, READY);
    this.#take = prepare(db, TAKE);
    this.#settle = prepare(db, SETTLE);
  }

  insert(count: number, batch: number): void {
    for (let at = 0; at < count; at += batch) this.#insertBatch(Math.min(batch, count - at));
  }

  drain(limit: number, batch: number): number {
    let drained = 0;
    while (drained < limit) {
      const { rows, now } = this.#claim(Math.min(batch, limit - drained));
      if (rows.length === 0) break;
      this.#commit(rows, now);
      drained += rows.length;
    }
    return drained;
  }

  close(): void {
    this.#db.close();
  }

  #insertBatch(count: number): void {
    this.#db.exec("BEGIN IMMEDIATE");
    const now = number(this.#now.get());
    const seq = number(this.#nextSeqs.get(count)) - count + 1;
    const history = `{"at":${now},"state":"Enqueued"}\n`;
    for (let i = 0; i < count; i++)
      this.#insert.run(newId(now), "default", 0, seq + i, now, "noop", "[]", history);
    this.#count.run(count, "1");
    this.#db.exec("COMMIT");
  }

  #claim(batch: number): { readonly rows: readonly Row[]; readonly now: number } {
    // A power cut ends every process: that it undoes claims too is no loss, so they do not wait for the disk.
    this.#db.exec("PRAGMA synchronous = NORMAL");
    this.#db.exec("BEGIN IMMEDIATE");
    const now = number(this.#now.get());
    if (this.#lease.get(INCARNATION, now) === undefined)
      throw new Error("the lease of the floor has run out");
    const rows = arrays(this.#ready.all("default", batch));
    this.#take.run(now, PROCESSING, INCARNATION, 0, JSON.stringify(rows.map((row) => row[14])));
    this.#count.run(-rows.length, "1");
    this.#count.run(rows.length, "4");
    this.#db.exec("COMMIT");
    return { rows, now };
  }

  #commit(rows: readonly Row[], claimedAt: number): void {
    this.#db.exec(this.#durable);
    this.#db.exec("BEGIN IMMEDIATE");
    const now = number(this.#now.get());
    const line = `{"at":${claimedAt},${PROCESSING}}\n`;
    let settled = 0;
    for (const row of rows) {
      const fence = Number(row[11]) + 1;
      settled += Number(
        this.#settle.run(now, SUCCEEDED, String(row[13]) + line, bytes(row[0]), fence).changes,
      );
    }
    if (settled !== rows.length) throw new Error("a claim of the floor was not its own");
    this.#count.run(-settled, "4");
    this.#count.run(settled, "5");
    this.#db.exec("COMMIT");
  }
}

function takeLease(db: DatabaseSync): void {
  const now = Date.now();
  db.prepare(
    `INSERT OR REPLACE INTO firelater_server (incarnation, name, host, pid, pid_started_at, queues, worker_count,
       timeout_ms, started_at, renewed_at, steady_since)
     VALUES (?, 'floor', 'floor', 1, '', '[]', 1, 86400000, ?, ?, ?)`,
  ).run(INCARNATION, now, now, now);
}

function prepare(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

/** The declared return type does not know of setReturnArrays. */
function arrays(rows: unknown): readonly Row[] {
  return rows as readonly Row[];
}

function number(row: unknown): number {
  return Number((row as Row | undefined)?.[0]);
}

function bytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError("an id is not a blob");
}
