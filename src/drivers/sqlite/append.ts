import { type Appendices, type Appendix, type ClaimOutcome, FLAG, LOG_LINES } from "../../storage/index.ts";
import { idBytes } from "./id.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Trimming costs a walk over the lines, so it waits until this many are too many. */
const TRIM_SLACK = 100;

export function append(tx: Transaction, appendices: readonly Appendix[]): ClaimOutcome[] {
  const lines = new Map<string, number>();
  const outcomes = appendices.map((appendix): ClaimOutcome => {
    const id = idBytes(appendix.id);
    const held = tx.sql.run(
      "UPDATE firelater_job SET flags = flags | ? WHERE id = ? AND fence = ?",
      FLAG.appended,
      id,
      appendix.fence,
    );
    if (held === 0) return "stale";
    if (appendix.kind === "progress") writeProgress(tx, id, appendix);
    else {
      writeLine(tx, id, appendix);
      lines.set(appendix.id, (lines.get(appendix.id) ?? 0) + 1);
    }
    return "applied";
  });
  for (const [id, count] of lines) trim(tx, idBytes(id), count);
  return outcomes;
}

function writeLine(tx: Transaction, job: Uint8Array, line: Appendix & { kind: "log" }): void {
  tx.sql.run(
    "INSERT INTO firelater_log (job, at, attempt, text, data) VALUES (?, ?, ?, ?, ?)",
    job,
    tx.now,
    line.attempt,
    line.text,
    line.data,
  );
}

function writeProgress(tx: Transaction, job: Uint8Array, progress: Appendix & { kind: "progress" }): void {
  tx.sql.run(
    `INSERT INTO firelater_appendix (job, progress_at, progress_attempt, progress_value, progress_text)
     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (job) DO UPDATE SET
     progress_at = ?2, progress_attempt = ?3, progress_value = ?4, progress_text = ?5`,
    job,
    tx.now,
    progress.attempt,
    progress.value,
    progress.text,
  );
}

function trim(tx: Transaction, job: Uint8Array, added: number): void {
  const row = tx.sql.first(
    `INSERT INTO firelater_appendix (job, lines) VALUES (?1, ?2)
     ON CONFLICT (job) DO UPDATE SET lines = lines + ?2 RETURNING lines`,
    job,
    added,
  );
  if (Number(row?.[0]) <= LOG_LINES + TRIM_SLACK) return;
  tx.sql.run(
    `DELETE FROM firelater_log WHERE job = ?1 AND key <=
     (SELECT key FROM firelater_log WHERE job = ?1 ORDER BY key DESC LIMIT 1 OFFSET ?2)`,
    job,
    LOG_LINES,
  );
  tx.sql.run("UPDATE firelater_appendix SET lines = ? WHERE job = ?", LOG_LINES, job);
}

export function readAppendices(sql: Statements, jobId: string): Appendices {
  const job = idBytes(jobId);
  const lines = sql.all(
    "SELECT at, attempt, text, data FROM firelater_log WHERE job = ? ORDER BY key DESC LIMIT ? + 0",
    job,
    LOG_LINES,
  );
  const row = sql.first(
    `SELECT progress_at, progress_attempt, progress_value, progress_text FROM firelater_appendix
     WHERE job = ? AND progress_at IS NOT NULL`,
    job,
  );
  return {
    logs: lines.reverse().map(([at, attempt, line, data]) => ({
      at: Number(at),
      attempt: Number(attempt),
      text: text(line),
      data: data === null ? null : text(data),
    })),
    progress:
      row === undefined
        ? null
        : {
            at: Number(row[0]),
            attempt: Number(row[1]),
            value: Number(row[2]),
            text: row[3] === null ? null : text(row[3]),
          },
  };
}
