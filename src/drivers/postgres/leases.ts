import {
  type Claim,
  FLAG,
  type LostClaim,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  type ServerAnnouncement,
  type ServerRecord,
  TAIL,
} from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import type { News } from "./news.ts";
import { fromStored } from "./opaque.ts";
import { toCommand } from "./reports.ts";
import { attached, SHARED, shared } from "./row.ts";
import { CLOCK, left, type Session, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

const ANNOUNCE: Statement = {
  name: "announce",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.server} (incarnation, name, host, pid, pid_started_at, queues, worker_count, timeout_ms, started_at,
    renewed_at, steady_since)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, c.now, c.now, c.now FROM clock c`,
};

const HEARTBEAT: Statement = {
  name: "heartbeat",
  text: (t) => `
  WITH ${CLOCK}
  UPDATE ${t.server} s SET renewed_at = c.now,
    steady_since = CASE WHEN s.renewed_at + s.timeout_ms <= c.now THEN c.now ELSE s.steady_since END
  FROM clock c WHERE s.incarnation = $1
  RETURNING 1`,
};

const RETIRE: Statement = {
  name: "retire",
  text: (t) => `DELETE FROM ${t.server} WHERE incarnation = $1`,
};

/**
 * The verdict comes first: without its row a lease can be neither renewed nor claimed under. If we crash here, its jobs
 * are those of a missing server, which every judge finds. An owner that renews at this very moment is passed over. Says
 * whether the judge is steady.
 */
const JUDGE: Statement = {
  name: "judge",
  text: (t) => `
  WITH ${CLOCK},
  judge AS MATERIALIZED (
    SELECT EXISTS (
      SELECT FROM ${t.server} s WHERE s.incarnation = $1
        AND s.renewed_at + s.timeout_ms > c.now AND s.steady_since + s.timeout_ms <= c.now
    ) AS steady FROM clock c
  ),
  lapsed AS MATERIALIZED (
    SELECT s.incarnation FROM ${t.server} s, judge j, clock c
    WHERE s.incarnation <> $1
      AND (s.incarnation = ANY ($2::text[]) OR (j.steady AND s.renewed_at + s.timeout_ms <= c.now))
    FOR UPDATE OF s SKIP LOCKED
  ),
  judged AS (DELETE FROM ${t.server} s USING lapsed l WHERE ${sought("s.incarnation", "l.incarnation")})
  SELECT steady FROM judge`,
};

/**
 * A quarantined job that had a permit leaves a record: whoever works off releases gives it to the next.
 *
 * Owners without a row stand in the gaps between the known incarnations: a walk through the gaps alone does not touch
 * the entries, live or dead, of the servers that are well. A claim that was under way when its lease was judged may
 * commit later: its jobs, too, are found there.
 */
const RECOVER: Statement = {
  name: "recover",
  text: (t) => `
  WITH ${CLOCK},
  gap AS (
    SELECT k.incarnation AS low, lead(k.incarnation) OVER (ORDER BY k.incarnation) AS high
    FROM (SELECT s.incarnation FROM ${t.server} s UNION ALL SELECT '') k
  ),
  lost AS MATERIALIZED (
    SELECT d.owner FROM unnest($2::text[]) AS d(owner)
    UNION
    SELECT j.owner FROM gap g CROSS JOIN LATERAL (
      SELECT j.owner FROM ${t.job} j
      WHERE j.state = ${STATE.Processing} AND j.owner > g.low AND (g.high IS NULL OR j.owner < g.high)
      ORDER BY j.owner LIMIT $4
    ) j WHERE $3
  ),
  held AS MATERIALIZED (
    SELECT j.id, j.owner, j.blamed AND j.crashes + 1 >= $5 AS quarantined
    FROM lost l CROSS JOIN LATERAL (
      SELECT j.* FROM ${t.job} j
      WHERE j.state = ${STATE.Processing} AND j.owner = l.owner AND j.owner <> $1
      LIMIT $4 FOR UPDATE SKIP LOCKED
    ) j LIMIT $4
  ),
  ready AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, state_at = c.now, entry = '', owner = NULL, blamed = false,
      crashes = j.crashes + j.blamed::integer, flags = j.flags | ${FLAG.recovered}, fence = j.fence + 1,
      history = j.history || ${left("j")} || ${stamped("c.now", "$6::text")}
    FROM held h, clock c WHERE ${sought("j.id", "h.id")} AND NOT h.quarantined
    RETURNING j.id, j.name, h.owner, j.crashes, j.queue
  ),
  moved AS (
    DELETE FROM ${t.job} j USING held h WHERE ${sought("j.id", "h.id")} AND h.quarantined RETURNING ${shared("j")}, h.owner
  ),
  quarantined AS (
    INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
    SELECT m.id, m.seq, c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes + 1, m.rank,
      ${STATE.Failed}, m.flags, m.queue, m.name, m.args, m.display_name, $7, m.history || ${left("m")}, m.planned_at, m.parameters, ${attached("m")}
    FROM moved m, clock c
    RETURNING id, name, crashes
  ),
  freed AS (
    INSERT INTO ${t.release} (kind, outcome, after, upto, limit_key)
    SELECT DISTINCT 'limit', ${STATE.Succeeded}, 0, 0, m.limit_key FROM moved m WHERE m.limit_key IS NOT NULL
    RETURNING 1
  ),
  counted_ready AS (${tallied(t, "ready", { from: STATE.Processing, to: STATE.Enqueued })}),
  counted_moved AS (${tallied(t, "moved", { from: STATE.Processing, to: STATE.Failed })})
  SELECT r.id, r.name, r.owner, r.crashes, false, r.queue, false FROM ready r
  UNION ALL
  SELECT q.id, q.name, m.owner, q.crashes, true, m.queue, m.limit_key IS NOT NULL
  FROM quarantined q JOIN moved m ON m.id = q.id`,
};

const HELD: Statement = {
  name: "held",
  text: (t) => `SELECT id, fence FROM ${t.job} WHERE state = ${STATE.Processing} AND owner = $1 ORDER BY seq`,
};

/** Of claims that are over where the jobs are now; null when they are gone. */
const CHECK: Statement = {
  name: "check",
  text: (t) => `
  SELECT c.nth::integer, r.state FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS c(id, fence, nth)
  LEFT JOIN LATERAL (
    SELECT j.fence, j.state FROM ${t.job} j WHERE j.id = c.id
    UNION ALL
    SELECT d.fence, d.state FROM ${t.jobDone} d WHERE d.id = c.id
  ) r ON true
  WHERE r.fence IS DISTINCT FROM c.fence`,
};

const SERVERS: Statement = {
  name: "servers",
  text: (t) => `
  WITH ${CLOCK}
  SELECT s.incarnation, s.name, s.host, s.pid, s.pid_started_at, to_json(s.queues)::text, s.worker_count, s.timeout_ms,
    s.started_at, s.renewed_at, s.steady_since, s.renewed_at + s.timeout_ms > c.now,
    s.vitals, s.command
  FROM ${t.server} s, clock c ORDER BY s.started_at, s.incarnation LIMIT 1000`,
};

export async function announce(session: Session, server: ServerAnnouncement): Promise<void> {
  await session.attempt("announce a server", () =>
    session.run(ANNOUNCE, [
      server.incarnation,
      server.name,
      server.host,
      server.pid,
      server.pidStartedAt,
      textArray(server.queues),
      server.workerCount,
      server.timeoutMs,
    ]),
  );
}

export async function heartbeat(session: Session, incarnation: string): Promise<boolean> {
  const rows = await session.attempt("renew a lease", () => session.run(HEARTBEAT, [incarnation]));
  return rows.length === 1;
}

export async function retire(session: Session, incarnation: string): Promise<void> {
  await session.attempt("end a lease", () => session.run(RETIRE, [incarnation]));
}

/** Verdict and bite, two writes of their own: whoever dies between them leaves work that any judge goes on with. */
export function recover(session: Session, request: RecoverRequest): Promise<RecoverResult> {
  const { incarnation, limit, quarantineAt } = request;
  const dead = textArray(request.dead);
  return session.attempt("recover jobs", async () => {
    const [judge] = await session.run<[steady: boolean]>(JUDGE, [incarnation, dead]);
    const steady = judge?.[0] ?? false;
    const tails = [TAIL.recovered, TAIL.quarantined];
    const rows = await session.run<Lost>(RECOVER, [incarnation, dead, steady, limit, quarantineAt, ...tails]);
    for (const row of rows) tell(session.news, row);
    return { recovered: rows.map(toRecovered), more: rows.length === limit };
  });
}

export async function held(session: Session, incarnation: string): Promise<Claim[]> {
  const rows = await session.attempt("read claims", () =>
    session.run<[id: string, fence: number]>(HELD, [incarnation]),
  );
  return rows.map(([id, fence]) => ({ id, fence }));
}

type Lost = [
  id: string,
  name: string,
  owner: string,
  crashes: number,
  quarantined: boolean,
  queue: string,
  freed: boolean,
];

function tell(news: News, [, , , , quarantined, queue, freed]: Lost): void {
  if (!quarantined) news.readied(queue);
  else news.happened("finished");
  if (freed) news.happened("released");
}

function toRecovered([id, name, owner, crashes, quarantined]: Lost): RecoveredJob {
  return { id, name, owner, crashes, quarantined };
}

export async function check(session: Session, claims: readonly Claim[]): Promise<LostClaim[]> {
  if (claims.length === 0) return [];
  const rows = await session.attempt("check claims", () =>
    session.run<[nth: number, state: number | null]>(CHECK, [
      textArray(claims.map(({ id }) => id)),
      plainArray(claims.map(({ fence }) => fence)),
    ]),
  );
  return rows.flatMap(([nth, state]): LostClaim[] => {
    const claim = claims[nth - 1];
    if (claim === undefined) return [];
    return [{ id: claim.id, fence: claim.fence, state: state === null ? null : toState(state) }];
  });
}

type Server = [
  incarnation: string,
  name: string,
  host: string,
  pid: number,
  pidStartedAt: string,
  queues: string,
  workerCount: number,
  timeoutMs: number,
  startedAt: number,
  renewedAt: number,
  steadySince: number,
  live: boolean,
  vitals: string | null,
  command: string | null,
];

export async function servers(session: Session): Promise<ServerRecord[]> {
  const rows = await session.attempt("list servers", () => session.run<Server>(SERVERS, []));
  return rows.map(toServer);
}

function toServer(row: Server): ServerRecord {
  const [incarnation, name, host, pid, pidStartedAt, queues, workerCount, timeoutMs] = row;
  return {
    incarnation,
    name,
    host,
    pid,
    pidStartedAt,
    queues: JSON.parse(queues),
    workerCount,
    timeoutMs,
    startedAt: row[8],
    renewedAt: row[9],
    steadySince: row[10],
    live: row[11],
    vitals: row[12] === null ? null : fromStored(row[12]),
    command: toCommand(row[13]),
  };
}
