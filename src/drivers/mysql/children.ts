import { type ChildrenQuery, MOST_CHILDREN } from "../../storage/index.ts";
import { idBytes, idText } from "./id.ts";
import type { Row, Statements } from "./statements.ts";

const OF_PARENT = "FROM firelater_edge FORCE INDEX (parent) WHERE parent = ?";
/** Edges that were tied at one fence of the parent and are of one kind: within them the index goes by the gates. */
const NEXT_STRETCH = `SELECT resolved, tied ${OF_PARENT} AND (resolved > ? OR resolved = ? AND tied > ?)
  ORDER BY resolved, tied LIMIT 1`;
/** A parent that stands twice behind one gate has two edges there. */
const GATES = `SELECT gate ${OF_PARENT} AND resolved = ? AND tied = ? AND gate > ? GROUP BY gate ORDER BY gate LIMIT ?`;
/** A parent is seldom tied at more than two fences; each requeue may add one. */
const MOST_STRETCHES = 100;

/**
 * The id of a gate is that of the job behind it. The stretches are merged: each gives its first few, however long it is.
 * An edge goes from the unresolved ones to the others and never back, so none is missed on the way.
 */
export async function children(sql: Statements, { parent, limit, after }: ChildrenQuery): Promise<string[]> {
  const most = Math.max(0, Math.min(limit, MOST_CHILDREN));
  const [id, from] = [idBytes(parent), after === undefined ? Buffer.alloc(0) : idBytes(after)];
  const found = new Set<string>();
  let [resolved, tied] = [-1, -1];
  for (let nth = 0; nth < MOST_STRETCHES; nth++) {
    const stretch: Row | undefined = await sql.first(NEXT_STRETCH, id, resolved, resolved, tied);
    if (stretch === undefined) break;
    [resolved, tied] = [Number(stretch[0]), Number(stretch[1])];
    for (const [gate] of await sql.all(GATES, id, resolved, tied, from, most)) found.add(idText(gate));
  }
  return [...found].sort().slice(0, most);
}
