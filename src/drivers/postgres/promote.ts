import { type PromoteResult, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import type { Connection } from "./connection.ts";
import { CLOCK, left, NOW, type Statement, stamped } from "./statements.ts";

/** New seqs are drawn in the order in which the jobs were due. Rows that another promoter holds are passed over. */
const PROMOTE: Statement = {
  name: "promote",
  text: (t) => `
  WITH ${CLOCK},
  due AS MATERIALIZED (
    SELECT j.id FROM ${t.job} j
    WHERE j.hold = ${HOLD.due} AND j.due_at <= (SELECT now FROM clock)
    ORDER BY j.due_at, j.seq LIMIT $1 FOR UPDATE SKIP LOCKED
  ),
  numbered AS MATERIALIZED (SELECT d.id, nextval('${t.jobSeq}') AS seq FROM due d),
  ready AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = ${HOLD.none}, state_at = c.now, entry = '', seq = n.seq,
      fence = j.fence + 1, history = j.history || ${left("j")} || ${stamped("c.now", "$2::text")}
    FROM numbered n, clock c WHERE j.id = n.id
    RETURNING 1
  )
  SELECT count(*)::integer FROM ready`,
};

const NEXT: Statement = {
  name: "next-due",
  text: (t) => `
  SELECT (SELECT due_at FROM ${t.job} WHERE hold = ${HOLD.due} ORDER BY due_at, seq LIMIT 1), ${NOW}`,
};

type Next = [dueAt: number | null, now: number];

/** Two statements: if the process dies between them, jobs are ready and only the answer is lost. */
export function promote(connection: Connection, limit: number): Promise<PromoteResult> {
  return connection.attempt("ready due jobs", async () => {
    const [before] = await connection.run<Next>(NEXT, []);
    if (before === undefined || before[0] === null || before[0] > before[1]) return answer(0, before);
    const [promoted] = await connection.run<[count: number]>(PROMOTE, [limit, TAIL.promoted]);
    const [after] = await connection.run<Next>(NEXT, []);
    return answer(promoted?.[0] ?? 0, after);
  });
}

function answer(promoted: number, next: Next | undefined): PromoteResult {
  return { promoted, nextDueAt: next?.[0] ?? null, now: next?.[1] ?? 0 };
}
