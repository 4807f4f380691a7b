import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import type { KeyLimit } from "./permits.ts";
import { type Runner, type Statement, sought } from "./statements.ts";

/** A job that has reached a final state and has children. */
export interface Ending {
  readonly id: string;
  /** The state code of Succeeded or Deleted. */
  readonly outcome: number;
}

/**
 * Edges of one ending of a parent, those of the keys (after, upto]; one edge that a caller's transaction has tied; or the
 * waiter behind a gate that opened or broke.
 */
export interface Work extends Ending {
  readonly kind: "parent" | "edge" | "gate";
  readonly after: number;
  readonly upto: number;
}

/** A job that waits for a permit of its key until somebody looks. */
export interface PutOff {
  readonly id: string;
  readonly limit: KeyLimit;
}

const WRITE_DOWN: Statement = {
  name: "write-down",
  text: (t) => `
  INSERT INTO ${t.release} (kind, id, outcome, after, upto, limit_key)
  SELECT w.* FROM unnest($1::text[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::text[])
    AS w(kind, id, outcome, after, upto, limit_key)`,
};

/**
 * An ending in a caller's transaction. Its snapshot may be older than the last edges, so the sequence says up to where
 * there are any: we hold the parent, and who ties a child to it later draws a later key.
 */
const WRITE_DOWN_ENDINGS: Statement = {
  name: "write-down-endings",
  text: (t) => `
  INSERT INTO ${t.release} (kind, id, outcome, after, upto)
  SELECT 'parent', e.id, e.outcome,
    coalesce((SELECT max(r.upto) FROM ${t.release} r WHERE r.id = e.id AND r.kind = 'parent'), 0), s.last_value
  FROM unnest($1::uuid[], $2::smallint[]) AS e(id, outcome), ${t.edge}_key_seq s`,
};

/** Edges whose parents are neither locked nor told: that is left to `release`, but for parents of the same call ($5). */
const INSERT_LOOSE_EDGES: Statement = {
  name: "insert-loose-edges",
  text: (t) => `
  WITH loose AS (
    INSERT INTO ${t.edge} (gate, parent, position, resolved)
    SELECT e.* FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::boolean[]) AS e(gate, parent, position, resolved)
    RETURNING key, parent
  )
  INSERT INTO ${t.release} (kind, id, outcome, after, upto)
  SELECT 'edge', l.parent, 0, l.key - 1, l.key FROM loose l WHERE l.parent <> ALL ($5::uuid[])
  RETURNING 1`,
};

const TAKE_RECORDS: Statement = {
  name: "take-records",
  text: (t) => `
  WITH taken AS MATERIALIZED (SELECT r.key FROM ${t.release} r ORDER BY r.key LIMIT $1 FOR UPDATE SKIP LOCKED)
  DELETE FROM ${t.release} r USING taken WHERE ${sought("r.key", "taken.key")}
  RETURNING r.kind, r.id, r.outcome, r.after, r.upto, r.limit_key`,
};

const MORE_RECORDS: Statement = {
  name: "more-records",
  text: (t) => `SELECT key FROM ${t.release} ORDER BY key LIMIT 1`,
};

/** `id`: of the parent, the gate or the job. An edge whose parent was not looked at yet has the outcome 0. */
export type ReleaseRecord = [
  kind: string,
  id: string,
  outcome: number,
  after: number,
  upto: number,
  key: string | null,
];

/** Takes the oldest out, without those that somebody else works off. */
export async function takeRecords(tx: Runner, limit: number): Promise<ReleaseRecord[]> {
  return await tx.run<ReleaseRecord>(TAKE_RECORDS, [limit]);
}

export async function hasRecords(runner: Runner): Promise<boolean> {
  return (await runner.run(MORE_RECORDS, [])).length > 0;
}

export async function writeDownWork(tx: Runner, work: readonly Work[]): Promise<void> {
  if (work.length > 0) await writeDown(tx, [...columnsOf(work), textArray(work.map(() => null))]);
}

type Columns = [kinds: string, ids: string, outcomes: string, afters: string, uptos: string];

export function columnsOf(work: readonly Work[]): Columns {
  return [
    textArray(work.map(({ kind }) => kind)),
    textArray(work.map(({ id }) => id)),
    plainArray(work.map(({ outcome }) => outcome)),
    plainArray(work.map(({ after }) => after)),
    plainArray(work.map(({ upto }) => upto)),
  ];
}

async function writeDown(tx: Runner, columns: readonly string[]): Promise<void> {
  await tx.run(WRITE_DOWN, columns);
  tx.news.happened("released");
}

/** What it asks of gates and edges; nothing where it is about a key. */
export function workOf([kind, id, outcome, after, upto]: ReleaseRecord): Work[] {
  return kind === "parent" || kind === "edge" || kind === "gate" ? [{ kind, id, outcome, after, upto }] : [];
}

/** Keys at which somebody has to look. */
export async function writeDownKeys(tx: Runner, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await writeDownLimits(tx, "limit", [], keys);
}

/** Jobs that must be skipped if they get no permit. */
export async function writeDownSkips(tx: Runner, jobs: readonly PutOff[]): Promise<void> {
  if (jobs.length === 0) return;
  const [ids, keys] = [jobs.map(({ id }) => id), jobs.map(({ limit }) => limit.key)];
  await writeDownLimits(tx, "skip", ids, keys);
}

async function writeDownLimits(
  tx: Runner,
  kind: "limit" | "skip",
  ids: readonly string[],
  keys: readonly string[],
): Promise<void> {
  const same = (value: string | number) => plainArray(keys.map(() => value));
  const owners = textArray(keys.map((_, nth) => ids[nth] ?? null));
  await writeDown(tx, [same(kind), owners, same(STATE.Succeeded), same(0), same(0), textArray(keys)]);
}

/** Jobs of a caller's transaction that nothing but their limit holds: they wait until it is committed. */
export async function putOff(tx: Runner, jobs: readonly PutOff[]): Promise<void> {
  const skips = jobs.filter(({ limit }) => limit.whenFull === "skip");
  const waits = jobs.filter(({ limit }) => limit.whenFull === "wait");
  await writeDownSkips(tx, skips);
  await writeDownKeys(tx, [...new Set(waits.map(({ limit }) => limit.key))]);
}

/** Endings of a caller's transaction. */
export async function putOffEndings(tx: Runner, endings: readonly Ending[]): Promise<void> {
  if (endings.length === 0) return;
  const columns = [textArray(endings.map(({ id }) => id)), plainArray(endings.map(({ outcome }) => outcome))];
  await tx.run(WRITE_DOWN_ENDINGS, columns);
  tx.news.happened("released");
}

/** Ties jobs of a caller's transaction to their parents. `own`: ids of the same call, which know their children. */
export async function insertLooseEdges(
  tx: Runner,
  columns: readonly string[],
  own: ReadonlySet<string>,
): Promise<void> {
  const left = await tx.run(INSERT_LOOSE_EDGES, [...columns, textArray([...own])]);
  if (left.length > 0) tx.news.happened("released");
}
