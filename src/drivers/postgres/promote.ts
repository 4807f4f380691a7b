import { FLAG, type PromoteResult, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { type DueMark, type DuePosition, FIRST_DUE } from "./due-mark.ts";
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
    SELECT j.id, j.flags, j.due_at, j.seq FROM ${t.job} j
    WHERE j.hold = ${HOLD.due} AND j.due_at <= (SELECT now FROM clock) AND (j.due_at, j.seq) > ($3, $4)
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
  counted AS (${tallied(t, "ready", { from: STATE.Scheduled, to: STATE.Enqueued })}),
  latest AS (SELECT max(d.due_at) AS at FROM due d),
  reached AS (SELECT max(d.seq) AS seq FROM due d, latest l WHERE d.due_at = l.at)
  SELECT l.some, r.count, q.queues, latest.at, reached.seq FROM limited l, latest, reached,
    (SELECT count(*)::integer FROM ready) r,
    (SELECT array_agg(g.queue) AS queues FROM (SELECT queue FROM ready GROUP BY queue) g) q`,
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
  SELECT (SELECT due_at FROM ${t.job} WHERE hold = ${HOLD.due} AND (due_at, seq) > ($1, $2) ORDER BY due_at, seq LIMIT 1),
    ${NOW}`,
};

type Next = [dueAt: number | null, now: number];
type Promoted = [
  limited: boolean,
  count: number,
  queues: string[] | null,
  latestAt: number | null,
  reachedSeq: number | null,
];
type Due = [id: string, rank: number, key: string | null, max: number, skip: boolean];

/** Several statements: if the process dies between them, jobs are ready and only the answer is lost. */
export function promote(session: Session, mark: DueMark, limit: number): Promise<PromoteResult> {
  return session.attempt("ready due jobs", async () => {
    const from = mark.from();
    if (from === FIRST_DUE) {
      const before = await next(session, from);
      if (!isDue(before)) return answer(0, before);
    }
    const first = await bite(session, mark, from, limit);
    const isShort = from !== FIRST_DUE && first < limit;
    const promoted = first + (isShort ? await bite(session, mark, FIRST_DUE, limit - first) : 0);
    return answer(promoted, await nextAfter(session, mark));
  });
}

/** How many it has readied. After a full bite the mark stands behind them. */
async function bite(session: Session, mark: DueMark, from: DuePosition, limit: number): Promise<number> {
  const [found] = await session.run<Promoted>(PROMOTE, [limit, TAIL.promoted, from.dueAt, from.seq]);
  const [limited, count, queues, dueAt, seq] = found ?? [false, 0, null, null, null];
  for (const queue of queues ?? []) session.news.readied(queue);
  if (count === limit && dueAt !== null && seq !== null) mark.reached({ dueAt, seq });
  else mark.forget();
  return limited ? await session.transaction((tx) => promoteLimited(tx, limit)) : count;
}

/** Only what is due already may be told from the mark: a timer is set by what is first of all. */
async function nextAfter(session: Session, mark: DueMark): Promise<Next | undefined> {
  const from = mark.from();
  const found = await next(session, from);
  if (from === FIRST_DUE || isDue(found)) return found;
  mark.forget();
  return await next(session, FIRST_DUE);
}

async function next(session: Session, { dueAt, seq }: DuePosition): Promise<Next | undefined> {
  const [row] = await session.run<Next>(NEXT, [dueAt, seq]);
  return row;
}

function isDue(next: Next | undefined): boolean {
  return next !== undefined && next[0] !== null && next[0] <= next[1];
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
