import type { JobRecord } from "../../storage/index.ts";
import { textArray } from "./arrays.ts";
import type { Connection } from "./connection.ts";
import { type Row, shared, toRecord } from "./row.ts";
import { NOW, type Statement } from "./statements.ts";

/** One snapshot of both tables: a job that moves between them is met in exactly one. */
const GET: Statement = {
  name: "get",
  text: (t) => `
  SELECT r.* FROM unnest($1::uuid[]) AS i(id) CROSS JOIN LATERAL (
    SELECT ${shared("j")}, j.hold, j.owner FROM ${t.job} j WHERE j.id = i.id
    UNION ALL
    SELECT ${shared("d")}, 0, NULL FROM ${t.jobDone} d WHERE d.id = i.id
  ) r`,
};

const CLOCK_NOW: Statement = { name: "now", text: () => `SELECT ${NOW}` };

export async function get(connection: Connection, ids: readonly string[]): Promise<JobRecord[]> {
  if (ids.length === 0) return [];
  const rows = await connection.attempt("read jobs", () => connection.run<Row>(GET, [textArray(ids)]));
  return rows.map(toRecord);
}

export async function now(connection: Connection): Promise<number> {
  const rows = await connection.attempt("read the clock", () => connection.run<[at: number]>(CLOCK_NOW, []));
  return rows[0]?.[0] ?? Number.NaN;
}
