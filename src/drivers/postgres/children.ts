import { type ChildrenQuery, MOST_CHILDREN } from "../../storage/index.ts";
import type { Session, Statement } from "./statements.ts";

const FIRST = "00000000-0000-0000-0000-000000000000";

/**
 * A gate has the id of the job behind it; a parent that stands twice behind one gate has two edges there. The parent is
 * bounded from both sides and part of the order: with an equation any index in the order of the gates would do, and be
 * walked from end to end on a table that was empty when the plan was made.
 */
const CHILDREN: Statement = {
  name: "children",
  text: (t) => `
  SELECT DISTINCT e.parent, e.gate FROM ${t.edge} e WHERE (e.parent, e.gate) >= ($1::uuid, $2::uuid) AND e.parent <= $1::uuid
  ORDER BY e.parent, e.gate LIMIT $3`,
};

export async function children(session: Session, { parent, limit, after }: ChildrenQuery): Promise<string[]> {
  const most = Math.max(0, Math.min(limit, MOST_CHILDREN));
  const rows = await session.attempt("list children", () =>
    session.run<[parent: string, gate: string]>(CHILDREN, [parent, after ?? FIRST, most + 1]),
  );
  return rows
    .map(([, gate]) => gate)
    .filter((gate) => gate !== after)
    .slice(0, most);
}
