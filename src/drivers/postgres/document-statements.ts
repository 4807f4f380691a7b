import { CLOCK, type Statement, sought } from "./statements.ts";

const COLUMNS = "d.kind, d.id, d.version, d.at, d.text";

/** Rows are locked in the order in which they come, by kind and id: no two calls wait for each other. */
const HELD = (table: string) => `held AS MATERIALIZED (
    SELECT s.nth, d.kind, d.id FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS s(kind, id, version, nth)
    CROSS JOIN LATERAL (
      SELECT d.kind, d.id FROM ${table} d WHERE d.kind = s.kind AND d.id = s.id AND d.version = s.version FOR UPDATE
    ) d
  )`;

const IS_HELD = `d.kind = ANY (ARRAY[h.kind]) AND ${sought("d.id", "h.id")}`;

/** A version comes from the sequence of the store: it never comes again, whatever is removed. */
export const CHANGE: Statement = {
  name: "change-documents",
  text: (t) => `
  WITH ${CLOCK},
  ${HELD(t.document)},
  next AS MATERIALIZED (
    SELECT h.nth, h.kind, h.id, ($4::text[])[h.nth] AS text, nextval('${t.jobSeq}') AS version FROM held h
  )
  UPDATE ${t.document} d SET version = h.version, at = c.now, text = h.text FROM next h, clock c WHERE ${IS_HELD}
  RETURNING d.kind, d.id`,
};

export const REMOVE: Statement = {
  name: "remove-documents",
  text: (t) => `
  WITH ${HELD(t.document)}
  DELETE FROM ${t.document} d USING held h WHERE ${IS_HELD}
  RETURNING d.kind, d.id`,
};

export const ADD: Statement = {
  name: "add-documents",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.document} (kind, id, version, at, text)
  SELECT s.kind, s.id, nextval('${t.jobSeq}'), c.now, s.text
  FROM unnest($1::text[], $2::text[], $3::text[]) AS s(kind, id, text), clock c
  ON CONFLICT (kind, id) DO NOTHING
  RETURNING kind, id`,
};

export const FIND: Statement = {
  name: "find-documents",
  text: (t) => `
  SELECT ${COLUMNS} FROM unnest($1::text[], $2::text[]) AS s(kind, id)
  CROSS JOIN LATERAL (SELECT d.* FROM ${t.document} d WHERE d.kind = s.kind AND d.id = s.id OFFSET 0) d`,
};

/** By the bytes of the ids, either way; a page after an id, or the first one. */
export function listing(descending: boolean, isFirst: boolean): Statement {
  return LISTINGS[descending ? 1 : 0][isFirst ? 0 : 1];
}

const page = (name: string, after: string, direction: "ASC" | "DESC"): Statement => ({
  name: `list-documents-${name}`,
  text: (t) => `
  SELECT ${COLUMNS} FROM ${t.document} d WHERE d.kind = $1 ${after} ORDER BY d.id ${direction} LIMIT $2`,
});

const LISTINGS = [
  [page("up", "", "ASC"), page("up-next", "AND d.id > $3", "ASC")],
  [page("down", "", "DESC"), page("down-next", "AND d.id < $3", "DESC")],
] as const;

/** The last one that goes is found by its place from the end: what stays is walked, and `keep` bounds that. */
export const TRIM: Statement = {
  name: "trim-documents",
  text: (t) => `
  WITH last AS MATERIALIZED (
    SELECT d.id FROM ${t.document} d WHERE d.kind = $1 ORDER BY d.id DESC OFFSET $2 LIMIT 1
  ),
  held AS MATERIALIZED (
    SELECT o.kind, o.id FROM last l CROSS JOIN LATERAL (
      SELECT d.kind, d.id FROM ${t.document} d WHERE d.kind = $1 AND d.id <= l.id
      ORDER BY d.id LIMIT $3 FOR UPDATE SKIP LOCKED
    ) o
  )
  DELETE FROM ${t.document} d USING held h WHERE ${IS_HELD}
  RETURNING 1`,
};
