import { MAX_QUEUES, type QueueRecord, READY_COUNTED } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { pauses } from "./pauses.ts";
import type { Session, Statement } from "./statements.ts";

/** Priorities whose first job is looked at for the oldest one. */
const MOST_RANKS = 20;
const READY = `j.state = ${STATE.Enqueued} AND j.hold = ${HOLD.none}`;

/** From queue to queue, each by one look into the index. */
const READY_QUEUES: Statement = {
  name: "ready-queues",
  text: (t) => `
  WITH RECURSIVE ready(queue) AS (
    (SELECT j.queue FROM ${t.job} j WHERE ${READY} ORDER BY j.queue, j.rank, j.seq LIMIT 1)
    UNION ALL
    SELECT (
      SELECT j.queue FROM ${t.job} j WHERE ${READY} AND j.queue > r.queue ORDER BY j.queue, j.rank, j.seq LIMIT 1
    ) FROM ready r WHERE r.queue IS NOT NULL
  )
  SELECT r.queue FROM ready r WHERE r.queue IS NOT NULL LIMIT $1`,
};

/** Of each queue as many as are counted, and the first job of each of its first priorities. */
const LOADS: Statement = {
  name: "queue-loads",
  text: (t) => `
  SELECT q.queue,
    (SELECT count(*) FROM (SELECT FROM ${t.job} j WHERE ${READY} AND j.queue = q.queue LIMIT $2) c),
    (
      WITH RECURSIVE first(rank, at, nth) AS (
        (
          SELECT j.rank, j.state_at, 1 FROM ${t.job} j WHERE ${READY} AND j.queue = q.queue
          ORDER BY j.rank, j.seq LIMIT 1
        )
        UNION ALL
        SELECT n.rank, n.state_at, f.nth + 1 FROM first f CROSS JOIN LATERAL (
          SELECT j.rank, j.state_at FROM ${t.job} j WHERE ${READY} AND j.queue = q.queue AND j.rank > f.rank
          ORDER BY j.rank, j.seq LIMIT 1
        ) n WHERE f.nth < $3
      )
      SELECT min(f.at) FROM first f
    )
  FROM unnest($1::text[]) AS q(queue)`,
};

type Load = [queue: string, ready: number, oldestAt: number | null];

export function queues(session: Session): Promise<QueueRecord[]> {
  return session.attempt("list queues", async () => {
    const paused = await pauses(session, MAX_QUEUES);
    const ready = await session.run<[queue: string]>(READY_QUEUES, [MAX_QUEUES]);
    const names = [...new Set([...paused.keys(), ...ready.map(([queue]) => queue)])].sort();
    const listed = names.slice(0, MAX_QUEUES);
    const loads = await session.run<Load>(LOADS, [textArray(listed), READY_COUNTED, MOST_RANKS]);
    return loads.map(([queue, count, oldestAt]) => ({
      queue,
      ready: count,
      isBound: count >= READY_COUNTED,
      oldestAt,
      paused: paused.get(queue) ?? null,
    }));
  });
}
