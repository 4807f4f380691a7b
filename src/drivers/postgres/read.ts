import { type EndedJob, isAtRest, type JobRecord, type RowCut } from "../../storage/index.ts";
import { toState } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { cut, cutValues, type Row, toRecord } from "./row.ts";
import { NOW, type Session, type Statement } from "./statements.ts";

/** One snapshot of both tables: a job that moves between them is met in exactly one. */
const GET: Statement = {
  name: "get",
  text: (t) => `
  SELECT r.* FROM unnest($1::uuid[]) AS i(id) CROSS JOIN LATERAL (
    SELECT ${cut("j", "$2", "$3")}, j.hold, j.owner FROM ${t.job} j WHERE j.id = i.id
    UNION ALL
    SELECT ${cut("d", "$2", "$3")}, 0, NULL FROM ${t.jobDone} d WHERE d.id = i.id
  ) r`,
};

/** Every state of `job_done` is one in which a job rests. */
const WATCH: Statement = {
  name: "watch",
  text: (t) => `
  SELECT i.id, d.state, coalesce(d.entry, '') FROM unnest($1::uuid[]) AS i(id)
  LEFT JOIN LATERAL (SELECT d.state, d.entry FROM ${t.jobDone} d WHERE d.id = i.id OFFSET 0) d ON true
  WHERE d.state IS NOT NULL OR NOT EXISTS (SELECT FROM ${t.job} j WHERE j.id = i.id OFFSET 0)`,
};

const CLOCK_NOW: Statement = { name: "now", text: () => `SELECT ${NOW}` };

export async function get(session: Session, ids: readonly string[], wanted?: RowCut): Promise<JobRecord[]> {
  if (ids.length === 0) return [];
  const rows = await session.attempt("read jobs", () =>
    session.run<Row>(GET, [textArray(ids), ...cutValues(wanted)]),
  );
  return rows.map(toRecord);
}

export async function watch(session: Session, ids: readonly string[]): Promise<EndedJob[]> {
  if (ids.length === 0) return [];
  const rows = await session.attempt("read results", () =>
    session.run<[id: string, state: number | null, entry: string]>(WATCH, [textArray(ids)]),
  );
  return rows.flatMap(([id, code, entry]) => {
    const state = code === null ? null : toState(code);
    return state === null || isAtRest(state) ? [{ id, state, entry }] : [];
  });
}

export async function now(session: Session): Promise<number> {
  const rows = await session.attempt("read the clock", () => session.run<[at: number]>(CLOCK_NOW, []));
  return rows[0]?.[0] ?? Number.NaN;
}
