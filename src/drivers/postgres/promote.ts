import { FLAG, type PromoteResult, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { SETTLED_IN_ONE_WRITE, settleEndings } from "./gates.ts";
import { letIn } from "./let-in.ts";
import { tryLockKeys } from "./permits.ts";
import {
  CLOCK,
  left,
  NOW,
  type Runner,
  type Session,
  type Statement,
  sought,
  stamped,
} from "./statements.ts";
import { tallied } from "./tally.ts";

/**
 * New seqs are drawn in the order in which the jobs were due. Rows that another promoter holds are passed over. A bite
 * with a limited job in it is left alone: who gets the permit is decided in the order in which they were due, too.
 */
const PROMOTE: Statement = {
  name: "promote",
  text: (t) => `
  WITH ${CLOCK},
  due AS MATERIALIZED (
    SELECT j.id, j.flags FROM ${t.job} j
    WHERE j.hold = ${HOLD.due} AND j.due_at <= (SELECT now FROM clock)
    ORDER BY j.due_at, j.seq LIMIT $1 FOR UPDATE SKIP LOCKED
  ),
  limited AS MATERIALIZED (SELECT coalesce(bool_or(d.flags & ${FLAG.limited} <> 0), false) AS some FROM due d),
  numbered AS MATERIALIZED (
    SELECT d.id, nextval('${t.jobSeq}') AS seq FROM due d, limited l WHERE NOT l.some
  ),
  ready AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = ${HOLD.none}, state_at = c.now, entry = '', seq = n.seq,
      fence = j.fence + 1, history = j.history || ${left("j")} || ${stamped("c.now", "$2::text")}
    FROM numbered n, clock c WHERE ${sought("j.id", "n.id")}
    RETURNING j.queue
  ),
  counted AS (${tallied(t, "ready", { from: STATE.Scheduled, to: STATE.Enqueued })})
  SELECT l.some, r.count, r.queues FROM limited l,
    (SELECT count(*)::integer, array_agg(DISTINCT queue) AS queues FROM ready) r`,
};

/** The same rows, to be let in one by one. */
const LOCK_DUE: Statement = {
  name: "lock-due",
  text: (t) => `
  WITH ${CLOCK}
  SELECT j.id, j.rank, j.limit_key, j.limit_max, j.limit_skip FROM ${t.job} j
  WHERE j.hold = ${HOLD.due} AND j.due_at <= (SELECT now FROM clock)
  ORDER BY j.due_at, j.seq LIMIT $1 FOR UPDATE OF j SKIP LOCKED`,
};

const NEXT: Statement = {
  name: "next-due",
  text: (t) => `
  SELECT (SELECT due_at FROM ${t.job} WHERE hold = ${HOLD.due} ORDER BY due_at, seq LIMIT 1), ${NOW}`,
};

type Next = [dueAt: number | null, now: number];
type Promoted = [limited: boolean, count: number, queues: string[] | null];
type Due = [id: string, rank: number, key: string | null, max: number, skip: boolean];

/** Several statements: if the process dies between them, jobs are ready and only the answer is lost. */
export function promote(session: Session, limit: number): Promise<PromoteResult> {
  return session.attempt("ready due jobs", async () => {
    const [before] = await session.run<Next>(NEXT, []);
    if (before === undefined || before[0] === null || before[0] > before[1]) return answer(0, before);
    const [found] = await session.run<Promoted>(PROMOTE, [limit, TAIL.promoted]);
    const [limited, plain, queues] = found ?? [false, 0, null];
    for (const queue of queues ?? []) session.news.readied(queue);
    const promoted = limited ? await session.transaction((tx) => promoteLimited(tx, limit)) : plain;
    const [after] = await session.run<Next>(NEXT, []);
    return answer(promoted, after);
  });
}

/** A job whose key a neighbour has locked stays due: the next bite takes it. One that is skipped has ended. */
async function promoteLimited(tx: Runner, limit: number): Promise<number> {
  const due = await tx.run<Due>(LOCK_DUE, [limit]);
  const locked = await tryLockKeys(
    tx,
    due.flatMap(([, , key]) => key ?? []),
  );
  const jobs = due
    .filter(([, , key]) => key === null || locked.has(key))
    .map(([id, rank, key, max, skip]) => ({
      id,
      rank,
      tail: TAIL.promoted,
      limit: key === null ? null : ({ key, max, whenFull: skip ? "skip" : "wait" } as const),
    }));
  const ended = await letIn(tx, jobs, STATE.Scheduled);
  const endings = ended.map((id) => ({ id, outcome: STATE.Deleted }));
  await settleEndings(tx, endings, SETTLED_IN_ONE_WRITE);
  return jobs.length;
}

function answer(promoted: number, next: Next | undefined): PromoteResult {
  return { promoted, nextDueAt: next?.[0] ?? null, now: next?.[1] ?? 0 };
}
