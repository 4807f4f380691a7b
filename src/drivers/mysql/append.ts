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
import { keyOf, lockRows } from "./locked-row.ts";
import { text, textOrNull } from "./row.ts";
import { chunks, type Row, type SqlValue, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Trimming costs a walk over the lines, so it waits until this much is too much. */
const SLACK = 0.1;

/** What one call has added to the log of a job. */
interface Added {
  readonly job: Buffer;
  lines: number;
  chars: number;
}

/** The rows are locked, so no two writes count the lines of one log at a time. */
export async function append(tx: Transaction, appendices: readonly Appendix[]): Promise<ClaimOutcome[]> {
  const locked = await lockRows(
    tx.sql,
    appendices.map(({ id }) => idBytes(id)),
    "wait",
  );
  const lines: SqlValue[][] = [];
  const added = new Map<string, Added>();
  const marked: Buffer[] = [];
  const outcomes: ClaimOutcome[] = [];
  for (const appendix of appendices) {
    const row = locked.get(keyOf(idBytes(appendix.id)));
    if (row?.fence !== appendix.fence) {
      outcomes.push("stale");
      continue;
    }
    outcomes.push("applied");
    if (appendix.kind === "parameters") {
      await tx.sql.run("UPDATE firelater_job SET parameters = ? WHERE id = ?", appendix.text, row.id);
      continue;
    }
    if (!(row.flags & FLAG.appended)) marked.push(row.id);
    if (appendix.kind === "progress") await writeProgress(tx, row.id, appendix);
    else {
      const chars = charsOf(appendix);
      lines.push([row.id, tx.now, appendix.attempt, appendix.text, appendix.data, chars]);
      const log = added.get(appendix.id) ?? { job: row.id, lines: 0, chars: 0 };
      added.set(appendix.id, log);
      log.lines++;
      log.chars += chars;
    }
  }
  await tx.sql.rows("INSERT INTO firelater_log (job, at, attempt, line, data, chars)", lines);
  for (const ids of chunks(marked)) {
    await tx.sql.run(
      "UPDATE firelater_job FORCE INDEX (PRIMARY) SET flags = flags | ? WHERE id IN (?)",
      FLAG.appended,
      ids,
    );
  }
  for (const log of added.values()) await count(tx, log);
  return outcomes;
}

async function writeProgress(
  tx: Transaction,
  job: Buffer,
  progress: Appendix & { readonly kind: "progress" },
): Promise<void> {
  const columns = ["progress_at", "progress_attempt", "progress_value", "progress_text"];
  await tx.sql.rows(
    `INSERT INTO firelater_appendix (job, ${columns.join(", ")})`,
    [[job, tx.now, progress.attempt, progress.value, progress.text]],
    `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(", ")}`,
  );
}

async function count(tx: Transaction, { job, lines, chars }: Added): Promise<void> {
  await tx.sql.rows(
    "INSERT INTO firelater_appendix (job, log_lines, log_chars)",
    [[job, lines, chars]],
    "ON DUPLICATE KEY UPDATE log_lines = log_lines + VALUES(log_lines), log_chars = log_chars + VALUES(log_chars)",
  );
  const row = await tx.sql.first("SELECT log_lines, log_chars FROM firelater_appendix WHERE job = ?", job);
  const tooMany = Number(row?.[0]) > LOG_LINES * (1 + SLACK) || Number(row?.[1]) > LOG_CHARS * (1 + SLACK);
  if (tooMany) await trim(tx, job);
}

/** Removes what readers no longer see. */
async function trim(tx: Transaction, job: Buffer): Promise<void> {
  const newest = await tx.sql.all(
    "SELECT num, chars FROM firelater_log FORCE INDEX (job) WHERE job = ? ORDER BY num DESC LIMIT ?",
    job,
    LOG_LINES + 1,
  );
  const sizes = newest.map(([, chars]) => Number(chars));
  const kept = keptLines(sizes);
  const [firstToGo] = newest[kept] ?? [];
  if (firstToGo !== undefined) {
    await tx.sql.run(
      "DELETE line FROM firelater_log AS line FORCE INDEX (job) WHERE line.job = ? AND line.num <= ?",
      job,
      Number(firstToGo),
    );
  }
  const chars = sizes.slice(0, kept).reduce((sum, size) => sum + size, 0);
  await tx.sql.run(
    "UPDATE firelater_appendix SET log_lines = ?, log_chars = ? WHERE job = ?",
    kept,
    chars,
    job,
  );
}

export async function readAppendices(sql: Statements, jobId: string): Promise<Appendices> {
  const job = idBytes(jobId);
  const lines = await sql.all(
    "SELECT at, attempt, line, data FROM firelater_log FORCE INDEX (job) WHERE job = ? ORDER BY num DESC LIMIT ?",
    job,
    LOG_LINES,
  );
  const row = await sql.first(
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
            text: textOrNull(row[3]),
          },
  };
}

function toLine([at, attempt, line, data]: Row): LogLine {
  return { at: Number(at), attempt: Number(attempt), text: text(line), data: textOrNull(data) };
}
