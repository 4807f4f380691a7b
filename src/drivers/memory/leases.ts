import {
  type Claim,
  entryLine,
  FLAG,
  type JobRecord,
  LeaseLostError,
  type LostClaim,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  type ServerAnnouncement,
  type ServerRecord,
  TAIL,
} from "../../storage/index.ts";
import { type Admissions, admitWaiters, newAdmissions } from "./permits.ts";
import type { ServerRow, Tables } from "./schema.ts";

export function announceServer(tables: Tables, server: ServerAnnouncement): void {
  const now = tables.clock();
  const { incarnation, queues } = server;
  tables.servers.set(incarnation, {
    ...server,
    queues: [...queues],
    startedAt: now,
    renewedAt: now,
    steadySince: now,
    vitals: null,
    command: null,
  });
}

export function renewLease(tables: Tables, incarnation: string): boolean {
  const now = tables.clock();
  const server = tables.servers.get(incarnation);
  if (server === undefined) return false;
  const steadySince = isLive(server, now) ? server.steadySince : now;
  tables.servers.set(incarnation, { ...server, renewedAt: now, steadySince });
  return true;
}

export function retireServer(tables: Tables, incarnation: string): void {
  tables.servers.delete(incarnation);
}

export function requireLease(tables: Tables, incarnation: string): void {
  const server = tables.servers.get(incarnation);
  if (server === undefined || !isLive(server, tables.clock())) throw new LeaseLostError(incarnation);
}

export function listServers(tables: Tables): ServerRecord[] {
  const now = tables.clock();
  return [...tables.servers.values()].map((server) => ({
    ...server,
    queues: [...server.queues],
    live: isLive(server, now),
  }));
}

export function heldBy(tables: Tables, incarnation: string): Claim[] {
  return [...(tables.owned.get(incarnation) ?? [])].flatMap((id) => {
    const job = tables.find(id);
    return job === undefined ? [] : [{ id, fence: job.fence }];
  });
}

export function lostClaims(tables: Tables, claims: readonly Claim[]): LostClaim[] {
  const lost = claims.filter((claim) => tables.guarded(claim) === undefined);
  return lost.map(({ id, fence }) => ({ id, fence, state: tables.find(id)?.state ?? null }));
}

export function recoverJobs(tables: Tables, request: RecoverRequest): RecoverResult {
  const now = tables.clock();
  const judged = judgedBy(tables, request, now);
  const recovered: RecoveredJob[] = [];
  const admissions = newAdmissions(request.limit);
  for (const owner of judged) {
    tables.servers.delete(owner);
    const held = [...(tables.owned.get(owner) ?? [])].slice(0, request.limit - recovered.length);
    recovered.push(
      ...held.flatMap((id) => recoverJob(tables, id, owner, request.quarantineAt, now, admissions)),
    );
  }
  return { recovered, more: judged.some((owner) => tables.owned.has(owner)) };
}

/** Whose jobs may be taken: processes seen dead at once, leases only by a judge that has proved its own. */
function judgedBy(tables: Tables, { incarnation, dead }: RecoverRequest, now: number): string[] {
  const judged = new Set(dead);
  if (isSteady(tables.servers.get(incarnation), now)) {
    for (const known of [...tables.owned.keys(), ...tables.servers.keys()]) {
      const server = tables.servers.get(known);
      if (server === undefined || !isLive(server, now)) judged.add(known);
    }
  }
  judged.delete(incarnation);
  return [...judged];
}

function isLive({ renewedAt, timeoutMs }: ServerRow, now: number): boolean {
  return now < renewedAt + timeoutMs;
}

/** After an outage everybody's lease is old: nobody judges before it has renewed for one timeout without a gap. */
function isSteady(judge: ServerRow | undefined, now: number): boolean {
  return judge !== undefined && isLive(judge, now) && now >= judge.steadySince + judge.timeoutMs;
}

function recoverJob(
  tables: Tables,
  id: string,
  owner: string,
  quarantineAt: number,
  now: number,
  admissions: Admissions,
): RecoveredJob[] {
  const job = tables.find(id);
  if (job === undefined) return [];
  const blamed = tables.blamed.delete(id);
  const crashes = job.crashes + (blamed ? 1 : 0);
  const quarantined = blamed && crashes >= quarantineAt;
  tables.put({ ...(quarantined ? quarantinedRow(job) : readyRow(job, now)), stateAt: now, crashes });
  if (quarantined && job.limit !== null) admitWaiters(tables, job.limit.key, now, admissions);
  return [{ id, name: job.name, owner, crashes, quarantined }];
}

function quarantinedRow(job: JobRecord): JobRecord {
  return { ...lostRow(job), state: "Failed", entry: TAIL.quarantined };
}

function readyRow(job: JobRecord, now: number): JobRecord {
  const lost = lostRow(job);
  const history = lost.history + entryLine(now, TAIL.recovered);
  return { ...lost, state: "Enqueued", entry: "", flags: job.flags | FLAG.recovered, history };
}

function lostRow(job: JobRecord): JobRecord {
  const history = job.history + entryLine(job.stateAt, job.entry);
  return { ...job, owner: null, fence: job.fence + 1, history };
}
