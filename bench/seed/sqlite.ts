import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { STATE } from "../../src/drivers/shared/state-codes.ts";
import { MIGRATIONS } from "../../src/drivers/sqlite/schema.ts";
import { newId } from "../floor/uuid.ts";
import { benchFolder } from "../harness/scratch.ts";
import { failedJob } from "./failed-job.ts";

const INSERT = `INSERT INTO firelater_job
  (id, queue, rank, seq, state, state_at, entry, hold, created_at, name, args, fence, history)
  VALUES (?1, ?7, 0, ?2, ?8, ?3, ?4, 0, ?5, ?9, ?10, 3, ?6)`;
const RUN_MS = 5;
const SUCCEEDED = {
  state: STATE.Succeeded,
  entry: `"state":"Succeeded","duration":${RUN_MS},"latency":1`,
  queue: "default",
  name: "noop",
  args: "[]",
};
/** Finished in the last twenty hours: none is out of date by the default retention. */
const SPREAD_MS = 20 * 3_600_000;

/** The folder of a seeded file; made anew when the schema has changed. */
export function seedSqlite(count: number, failed = 0): string {
  const schema = createHash("sha256").update(MIGRATIONS.join()).digest("hex").slice(0, 12);
  const folder = join(benchFolder(), `firelater-bench-seeded-sqlite-${schema}-${count}-${failed}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}-${process.pid}`;
    mkdirSync(unfinished);
    try {
      writeJobs(join(unfinished, "jobs.db"), count, failed);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return folder;
}

function writeJobs(file: string, count: number, failed: number): void {
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
  for (let i = 0; i < count + failed; i++) {
    const created = from + Math.floor((i / (count + failed)) * (SPREAD_MS - 60_000));
    const claimed = created + 1;
    const done = claimed + RUN_MS;
    const processing = `"state":"Processing","server":"default","incarnation":"default:1:0123456789ab"`;
    const past = `{"at":${created},"state":"Enqueued"}\n{"at":${claimed},${processing}}\n`;
    const { state, entry, queue, name, args } = i < count ? SUCCEEDED : failedJob(i);
    insert.run(newId(created), i + 1, done, entry, created, past, queue, state, name, args);
  }
  db.exec(`UPDATE firelater_counter SET value = ${count + failed} WHERE name = 'seq'`);
  db.exec(`UPDATE firelater_counter SET value = ${count} WHERE name = '${SUCCEEDED.state}'`);
  db.exec(`UPDATE firelater_counter SET value = ${failed} WHERE name = '${STATE.Failed}'`);
  db.exec("COMMIT");
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}
