import { type ChildrenQuery, MOST_CHILDREN } from "../../storage/index.ts";
import { idBytes, idText } from "./id.ts";
import type { Row } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";

/** Edges that were tied at one fence of the parent and are of one kind: within them the index goes by the gates. */
const NEXT_STRETCH = `SELECT resolved, tied FROM firelater_edge WHERE parent = ? AND (resolved, tied) > (?, ?)
  ORDER BY resolved, tied LIMIT 1`;
/** A parent that stands twice behind one gate has two edges there. */
const GATES = `SELECT DISTINCT gate FROM firelater_edge WHERE parent = ? AND resolved = ? AND tied = ? AND gate > ?
  ORDER BY gate LIMIT ? + 0`;
/** A parent is seldom tied at more than two fences; each requeue may add one. */
const MOST_STRETCHES = 100;

/**
 * The id of a gate is that of the job behind it. The stretches are merged: each gives its first few, however long it is.
 * An edge goes from the unresolved ones to the others and never back, so none is missed on the way.
 */
export function children(sql: Statements, { parent, limit, after }: ChildrenQuery): string[] {
  const most = Math.max(0, Math.min(limit, MOST_CHILDREN));
  const from = after === undefined ? new Uint8Array() : idBytes(after);
  const found = new Set<string>();
  for (const [resolved = null, tied = null] of stretches(sql, idBytes(parent))) {
    const rows = sql.all(GATES, idBytes(parent), resolved, tied, from, most);
    for (const [gate] of rows) found.add(idText(gate));
  }
  return [...found].sort().slice(0, most);
}

function* stretches(sql: Statements, parent: Uint8Array): Generator<Row> {
  let last: [SqlValue, SqlValue] = [-1, -1];
  for (let nth = 0; nth < MOST_STRETCHES; nth++) {
    const row = sql.first(NEXT_STRETCH, parent, ...last);
    if (row === undefined) return;
    yield row;
    last = [row[0] ?? null, row[1] ?? null];
  }
}
