import type { ParentRecord } from "../../storage/index.ts";
import { toState } from "../shared/state-codes.ts";
import { idBytes, idText } from "./id.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";

/** For each gated job its parents, in the order in which it was given them. */
export function parents(sql: Statements, ids: readonly string[]): Map<string, readonly ParentRecord[]> {
  return new Map(ids.map((id) => [id, parentsOf(sql, id)]));
}

function parentsOf(sql: Statements, child: string): ParentRecord[] {
  const rows = sql.all(
    `SELECT edge.parent, parent.state, parent.entry FROM firelater_job AS child
     JOIN firelater_edge AS edge ON edge.gate = child.gate
     LEFT JOIN firelater_job AS parent ON parent.id = edge.parent
     WHERE child.id = ? ORDER BY edge.position`,
    idBytes(child),
  );
  return rows.map(([id, state, entry]) => ({
    id: idText(id),
    state: state === null ? null : toState(Number(state)),
    entry: entry === null ? "" : text(entry),
  }));
}
