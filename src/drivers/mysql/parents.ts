import type { ParentRecord } from "../../storage/index.ts";
import { toState } from "../shared/state-codes.ts";
import { idBytes, idText } from "./id.ts";
import { text } from "./row.ts";
import { chunks, type Statements } from "./statements.ts";

/** For each gated job its parents, in the order in which it was given them. */
export async function parents(
  sql: Statements,
  ids: readonly string[],
): Promise<Map<string, readonly ParentRecord[]>> {
  const found = new Map<string, ParentRecord[]>(ids.map((id) => [id, []]));
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      `SELECT edge.gate, edge.parent, parent.state, parent.entry
       FROM firelater_edge AS edge FORCE INDEX (PRIMARY)
       LEFT JOIN firelater_job AS parent FORCE INDEX (PRIMARY) ON parent.id = edge.parent
       WHERE edge.gate IN (?) ORDER BY edge.gate, edge.position`,
      some,
    );
    for (const [gate, parent, state, entry] of rows) {
      found.get(idText(gate))?.push({
        id: idText(parent),
        state: state === null ? null : toState(Number(state)),
        entry: entry === null ? "" : text(entry),
      });
    }
  }
  return found;
}
