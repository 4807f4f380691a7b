import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "../../src/drivers/sqlite/schema.ts";
import { newId } from "../floor/uuid.ts";
import { benchFolder } from "../harness/scratch.ts";

const INSERT = `INSERT INTO firelater_job
  (id, queue, rank, seq, state, state_at, entry, hold, created_at, name, args, fence, history)
  VALUES (?1, 'default', 0, ?2, 5, ?3, ?4, 0, ?5, 'noop', '[]', 3, ?6)`;
const RUN_MS = 5;
/** Finished in the last twenty hours: none is out of date by the default retention. */
const SPREAD_MS = 20 * 3_600_000;

/** The folder of a seeded file; made anew when the schema has changed. */
export function seedSqlite(count: number): string {
  const schema = createHash("sha256").update(MIGRATIONS.join()).digest("hex").slice(0, 12);
  const folder = join(benchFolder(), `firelater-bench-seeded-sqlite-${schema}-${count}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}-${process.pid}`;
    mkdirSync(unfinished);
    try {
      writeJobs(join(unfinished, "jobs.db"), count);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return folder;
}

function writeJobs(file: string, count: number): void {
  const db = new DatabaseSync(file);
  for (const pragma of ["auto_vacuum = INCREMENTAL", "journal_mode = WAL", "synchronous = OFF"]) {
    db.exec(`PRAGMA ${pragma}`);
  }
  for (const migration of MIGRATIONS) db.exec(migration);
  db.exec(`CREATE TABLE firelater_schema (version INTEGER NOT NULL) STRICT;
    INSERT INTO firelater_schema (version) VALUES (${MIGRATIONS.length})`);
  const insert = db.prepare(INSERT);
  const from = Date.now() - SPREAD_MS;
  db.exec("BEGIN");
  for (let i = 0; i < count; i++) {
    const created = from + Math.floor((i / count) * (SPREAD_MS - 60_000));
    const claimed = created + 1;
    const done = claimed + RUN_MS;
    const processing = `"state":"Processing","server":"default","incarnation":"default:1:0123456789ab"`;
    const past = `{"at":${created},"state":"Enqueued"}\n{"at":${claimed},${processing}}\n`;
    insert.run(
      newId(created),
      i + 1,
      done,
      `"state":"Succeeded","duration":${RUN_MS},"latency":1`,
      created,
      past,
    );
  }
  db.exec(`UPDATE firelater_counter SET value = ${count} WHERE name IN ('seq', '5')`);
  db.exec("COMMIT");
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}
