import { CLOCK, NOW, type Statement, sought } from "./statements.ts";

const COLUMNS = "r.id, r.version, r.next_at, r.created_at, r.definition, r.status";

/** Rows are locked in the order of ids, in which they come, by all: no two wait for each other. */
const HELD = (table: string) => `held AS MATERIALIZED (
    SELECT r.id FROM unnest($1::text[], $2::bigint[]) AS s(id, version)
    CROSS JOIN LATERAL (SELECT r.id FROM ${table} r WHERE r.id = s.id AND r.version = s.version FOR UPDATE) r
  )`;

/** A version comes from the sequence of the store: it never comes again, whatever is removed. */
export const CHANGE: Statement = {
  name: "change-recurring",
  text: (t) => `
  WITH ${HELD(t.recurring)},
  next AS MATERIALIZED (
    SELECT s.*, nextval('${t.jobSeq}') AS new_version
    FROM held h JOIN unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
      AS s(id, version, next_at, definition, status) ON s.id = h.id
  )
  UPDATE ${t.recurring} r SET version = n.new_version, next_at = n.next_at, definition = n.definition, status = n.status
  FROM next n WHERE ${sought("r.id", "n.id")}
  RETURNING r.id`,
};

export const REMOVE: Statement = {
  name: "remove-recurring",
  text: (t) => `
  WITH ${HELD(t.recurring)}
  DELETE FROM ${t.recurring} r USING held h WHERE ${sought("r.id", "h.id")}
  RETURNING r.id`,
};

export const ADD: Statement = {
  name: "add-recurring",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.recurring} (id, version, next_at, created_at, definition, status)
  SELECT s.id, nextval('${t.jobSeq}'), s.next_at, c.now, s.definition, s.status
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS s(id, next_at, definition, status), clock c
  ON CONFLICT (id) DO NOTHING
  RETURNING id`,
};

export const FIND: Statement = {
  name: "find-recurring",
  text: (t) => `
  SELECT ${COLUMNS} FROM unnest($1::text[]) AS s(id)
  CROSS JOIN LATERAL (SELECT r.* FROM ${t.recurring} r WHERE r.id = s.id OFFSET 0) r`,
};

export const NEXT: Statement = {
  name: "next-recurring",
  text: (t) => `
  SELECT (SELECT next_at FROM ${t.recurring} WHERE next_at IS NOT NULL ORDER BY next_at, id LIMIT 1), ${NOW}`,
};

export const DUE: Statement = {
  name: "due-recurring",
  text: (t) => `
  SELECT ${COLUMNS} FROM ${t.recurring} r WHERE r.next_at <= $1 ORDER BY r.next_at, r.id LIMIT $2`,
};

export const LIST: Statement = {
  name: "list-recurring",
  text: (t) => `SELECT ${COLUMNS} FROM ${t.recurring} r WHERE r.id > $1 ORDER BY r.id LIMIT $2`,
};
