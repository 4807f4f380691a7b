import type { ParentRecord } from "../../storage/index.ts";
import { toState } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import type { Session, Statement } from "./statements.ts";

const PARENTS: Statement = {
  name: "parents",
  text: (t) => `
  SELECT i.id, e.parent, r.state, coalesce(r.entry, '') FROM unnest($1::uuid[]) AS i(id)
  CROSS JOIN LATERAL (
    SELECT e.parent, e.position FROM ${t.edge} e WHERE e.gate = i.id ORDER BY e.position OFFSET 0
  ) e
  LEFT JOIN LATERAL (
    SELECT j.state, j.entry FROM ${t.job} j WHERE j.id = e.parent
    UNION ALL
    SELECT d.state, d.entry FROM ${t.jobDone} d WHERE d.id = e.parent
  ) r ON true`,
};

type Row = [child: string, parent: string, state: number | null, entry: string];

/** For each gated job its parents, in the order in which it was given them. */
export async function parents(
  session: Session,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly ParentRecord[]>> {
  const found = new Map<string, ParentRecord[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return found;
  const rows = await session.attempt("read parents", () =>
    session.run<Row>(PARENTS, [textArray([...new Set(ids)])]),
  );
  for (const [child, id, state, entry] of rows) {
    found.get(child)?.push({ id, state: state === null ? null : toState(state), entry });
  }
  return found;
}
