import {
  type Appendices,
  type Appendix,
  type ClaimOutcome,
  FLAG,
  LOG_CHARS,
  LOG_LINES,
  type LogLine,
} from "../../storage/index.ts";
import { charsOf, keptLines, newestLines } from "../shared/log-bounds.ts";
import { idBytes } from "./id.ts";
import { type Row, text } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Trimming costs a walk over the lines, so it waits until this much is too much. */
const SLACK = 0.1;

type Line = Appendix & { readonly kind: "log" };

/** What one call has added to the log of a job. */
interface Added {
  lines: number;
  chars: number;
}

export function append(tx: Transaction, appendices: readonly Appendix[]): ClaimOutcome[] {
  const added = new Map<string, Added>();
  const outcomes = appendices.map((appendix): ClaimOutcome => {
    const id = idBytes(appendix.id);
    if (appendix.kind === "parameters") return writeParameters(tx, id, appendix);
    const held = tx.sql.run(
      "UPDATE firelater_job SET flags = flags | ? WHERE id = ? AND fence = ?",
      FLAG.appended,
      id,
      appendix.fence,
    );
    if (held === 0) return "stale";
    if (appendix.kind === "progress") writeProgress(tx, id, appendix);
    else {
      const log = added.get(appendix.id) ?? { lines: 0, chars: 0 };
      added.set(appendix.id, log);
      log.lines++;
      log.chars += writeLine(tx, id, appendix);
    }
    return "applied";
  });
  for (const [id, log] of added) count(tx, idBytes(id), log);
  return outcomes;
}

function writeParameters(
  tx: Transaction,
  job: Uint8Array,
  { text: parameters, fence }: Appendix & { readonly kind: "parameters" },
): ClaimOutcome {
  const written = tx.sql.run(
    "UPDATE firelater_job SET parameters = ? WHERE id = ? AND fence = ?",
    parameters,
    job,
    fence,
  );
  return written === 1 ? "applied" : "stale";
}

/** What the line counts towards the bound. */
function writeLine(tx: Transaction, job: Uint8Array, line: Line): number {
  const chars = charsOf(line);
  tx.sql.run(
    "INSERT INTO firelater_log (job, at, attempt, text, data, chars) VALUES (?, ?, ?, ?, ?, ?)",
    job,
    tx.now,
    line.attempt,
    line.text,
    line.data,
    chars,
  );
  return chars;
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

function count(tx: Transaction, job: Uint8Array, { lines, chars }: Added): void {
  const row = tx.sql.first(
    `INSERT INTO firelater_appendix (job, lines, chars) VALUES (?1, ?2, ?3)
     ON CONFLICT (job) DO UPDATE SET lines = lines + ?2, chars = chars + ?3 RETURNING lines, chars`,
    job,
    lines,
    chars,
  );
  const tooMany = Number(row?.[0]) > LOG_LINES * (1 + SLACK) || Number(row?.[1]) > LOG_CHARS * (1 + SLACK);
  if (tooMany) trim(tx, job);
}

/** Removes what readers no longer see. */
function trim(tx: Transaction, job: Uint8Array): void {
  const newest = tx.sql.all(
    "SELECT key, chars FROM firelater_log WHERE job = ? ORDER BY key DESC LIMIT ? + 0",
    job,
    LOG_LINES + 1,
  );
  const sizes = newest.map(([, chars]) => Number(chars));
  const kept = keptLines(sizes);
  const [firstToGo] = newest[kept] ?? [];
  if (firstToGo !== undefined)
    tx.sql.run("DELETE FROM firelater_log WHERE job = ? AND key <= ?", job, firstToGo);
  tx.sql.run(
    "UPDATE firelater_appendix SET lines = ?, chars = ? WHERE job = ?",
    kept,
    sizes.slice(0, kept).reduce((sum, size) => sum + size, 0),
    job,
  );
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
    logs: newestLines(lines.reverse().map(toLine)),
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

function toLine([at, attempt, line, data]: Row): LogLine {
  return {
    at: Number(at),
    attempt: Number(attempt),
    text: text(line),
    data: data === null ? null : text(data),
  };
}
