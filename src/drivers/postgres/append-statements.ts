import { CLOCK, type Statement, sought } from "./statements.ts";

/** The claims come in the order of ids. A job may have ended since, and its fence stay: nobody else has changed it. */
export const HOLD_CLAIMS: Statement = {
  name: "hold-claims",
  text: (t) => {
    const hold = (table: string, held: string) => `${held} AS MATERIALIZED (
    SELECT j.id, j.fence, c.flags, c.parameters
    FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[]) AS c(id, fence, flags, parameters)
    CROSS JOIN LATERAL (SELECT j.id, j.fence FROM ${table} j WHERE j.id = c.id AND j.fence = c.fence FOR UPDATE) j
  )`;
    const write = (table: string, held: string) => `
    UPDATE ${table} j SET flags = j.flags | h.flags, parameters = coalesce(h.parameters, j.parameters)
    FROM ${held} h WHERE ${sought("j.id", "h.id")} AND (j.flags & h.flags <> h.flags OR h.parameters IS NOT NULL)`;
    return `
  WITH ${hold(t.job, "held")},
  ${hold(t.jobDone, "done")},
  flagged AS (${write(t.job, "held")}),
  flagged_done AS (${write(t.jobDone, "done")})
  SELECT id, fence FROM held UNION ALL SELECT id, fence FROM done`;
  },
};

export const ADD_LINES: Statement = {
  name: "add-lines",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.log} (job, at, attempt, chars, text, data)
  SELECT l.job, c.now, l.attempt, l.chars, l.text, l.data
  FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::text[]) AS l(job, attempt, chars, text, data),
    clock c`,
};

export const COUNT_LINES: Statement = {
  name: "count-lines",
  text: (t) => `
  INSERT INTO ${t.appendix} AS a (job, lines, chars)
  SELECT l.* FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS l(job, lines, chars)
  ON CONFLICT (job) DO UPDATE SET lines = a.lines + excluded.lines, chars = a.chars + excluded.chars
  RETURNING a.job, a.lines, a.chars`,
};

export const SIZES: Statement = {
  name: "line-sizes",
  text: (t) => `SELECT key, chars FROM ${t.log} WHERE job = $1 ORDER BY key DESC LIMIT $2`,
};

export const TRIM: Statement = {
  name: "trim",
  text: (t) => `
  WITH gone AS (DELETE FROM ${t.log} WHERE job = $1 AND key <= $2)
  UPDATE ${t.appendix} SET lines = $3, chars = $4 WHERE job = $1`,
};

export const PROGRESS: Statement = {
  name: "progress",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.appendix} AS a
    (job, lines, chars, progress_at, progress_attempt, progress_value, progress_text)
  SELECT p.job, 0, 0, c.now, p.attempt, p.value, p.text
  FROM unnest($1::uuid[], $2::integer[], $3::double precision[], $4::text[]) AS p(job, attempt, value, text), clock c
  ON CONFLICT (job) DO UPDATE SET progress_at = excluded.progress_at, progress_attempt = excluded.progress_attempt,
    progress_value = excluded.progress_value, progress_text = excluded.progress_text`,
};

export const LOGS: Statement = {
  name: "logs",
  text: (t) => `SELECT at, attempt, text, data FROM ${t.log} WHERE job = $1 ORDER BY key DESC LIMIT $2`,
};

export const APPENDICES: Statement = {
  name: "appendices",
  text: (t) => `
  SELECT progress_at, progress_attempt, progress_value, progress_text FROM ${t.appendix}
  WHERE job = $1 AND progress_at IS NOT NULL`,
};
