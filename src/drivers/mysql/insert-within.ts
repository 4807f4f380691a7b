/**
 * Jobs of a caller's transaction. It may stay open for long, so it locks nothing but its own rows: who gets a permit, and
 * how parents have ended, is left to `release`, which looks when the jobs are there to be seen.
 */
import { entryLine, type InsertOutcome, type NewJob } from "../../storage/index.ts";
import { CONDITION } from "../shared/gate-conditions.ts";
import { HOLD } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { idsOf, plainState } from "./insert.ts";
import { insertNew } from "./insert-new.ts";
import {
  EXISTS,
  FIRST_COLUMNS,
  type FirstRow,
  type FirstState,
  INSERTED,
  inOrderOfIds,
  valuesOf,
} from "./insert-row.ts";
import { edgeWork, limitWork, skipWork, type Work, writeDown } from "./release-records.ts";
import { type SqlValue, type Statements, textsOf } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Runs reads on a connection of the storage, which see what is committed now. */
export type ReadBeside = <T>(read: (sql: Statements) => Promise<T>) => Promise<T>;

/** No ending of a parent resolves such an edge: it is tied to none yet. */
const LOOSE = Number.MAX_SAFE_INTEGER;
const FIRST_FENCE = 1;

export async function insertWithin(
  tx: Transaction,
  jobs: readonly NewJob[],
  beside: ReadBeside,
): Promise<InsertOutcome[]> {
  // Without a lock. What others have stored since the snapshot of this transaction its insert will meet.
  const known = await idsOf(
    tx.sql,
    jobs.map(({ id }) => id),
  );
  const parents = await findParents(tx, jobs, beside);
  const { outcomes, fresh } = plan(jobs, known, parents);
  if (fresh.length === 0) return outcomes;
  for (const job of fresh) tx.moved(null, stateOf(job));
  const firstSeq = await tx.nextSeqs(fresh.length);
  const tied = new Set(fresh.flatMap(({ gate }) => gate?.parents ?? []));
  const stored = await store(
    tx,
    fresh.map((job, nth) => ({
      job,
      first: firstState(tx, job, firstSeq + nth),
      isParent: tied.has(job.id),
    })),
  );
  await writeLooseGates(tx, stored);
  await writeDown(tx, leftOver(stored));
  const ids = new Set(stored.map(({ job }) => job.id));
  return outcomes.map((outcome, nth) =>
    outcome === INSERTED && !ids.has(jobs[nth]?.id ?? "") ? EXISTS : outcome,
  );
}

/** In the order of the call: a parent that stands earlier in it counts. */
function plan(
  jobs: readonly NewJob[],
  known: Set<string>,
  parents: Set<string>,
): { readonly outcomes: InsertOutcome[]; readonly fresh: NewJob[] } {
  const fresh: NewJob[] = [];
  const outcomes = jobs.map((job): InsertOutcome => {
    if (known.has(job.id)) return EXISTS;
    const missing = job.gate?.parents.find((parent) => !parents.has(parent));
    if (missing !== undefined) return { outcome: "parent-not-found", parent: missing };
    fresh.push(job);
    known.add(job.id);
    parents.add(job.id);
    return INSERTED;
  });
  return { outcomes, fresh };
}

/** Parents that are there: seen by this transaction, its own jobs among them, or younger than its snapshot. */
async function findParents(
  tx: Transaction,
  jobs: readonly NewJob[],
  beside: ReadBeside,
): Promise<Set<string>> {
  const ids = [...new Set(jobs.flatMap(({ gate }) => gate?.parents ?? []))];
  const seen = await idsOf(tx.sql, ids);
  const inCall = new Set(jobs.map(({ id }) => id));
  const unseen = ids.filter((id) => !seen.has(id) && !inCall.has(id));
  if (unseen.length === 0) return seen;
  const younger = await beside((sql) => idsOf(sql, unseen));
  return new Set([...seen, ...younger]);
}

function stateOf({ gate, due }: NewJob): FirstState["state"] {
  if (gate !== undefined) return "Awaiting";
  return due === undefined ? "Enqueued" : "Scheduled";
}

function firstState(tx: Transaction, job: NewJob, seq: number): FirstState {
  const { entry, gate, limit, due } = job;
  if (gate !== undefined) return { seq, state: "Awaiting", hold: HOLD.gate, entry, history: "" };
  if (limit === undefined || due !== undefined) return plainState(tx, job, seq);
  return { seq, state: "Enqueued", hold: HOLD.limit, entry: "", history: entryLine(tx.now, entry) };
}

/** The rows that are now there; another one has stored the ids of the rest. */
async function store(tx: Transaction, rows: readonly FirstRow[]): Promise<FirstRow[]> {
  const ordered = inOrderOfIds(rows);
  const texts = [...textsOf(ordered.map((row) => valuesOf(tx, row)))];
  const there = await insertNew(tx.sql, `INSERT INTO firelater_job (${FIRST_COLUMNS})`, texts);
  for (const place of there) {
    const row = ordered[place];
    if (row !== undefined) tx.moved(null, row.first.state, -1);
  }
  const stored = new Set(ordered.filter((_, place) => !there.has(place)));
  return rows.filter((row) => stored.has(row));
}

/**
 * Every parent counts as one that has not ended. Those that are not of this very call know nothing of these edges:
 * `leftOver` has `release` tell them.
 */
async function writeLooseGates(tx: Transaction, rows: readonly FirstRow[]): Promise<void> {
  const own = new Set(rows.map(({ job }) => job.id));
  const gates: SqlValue[][] = [];
  const edges: SqlValue[][] = [];
  for (const { job } of rows) {
    if (job.gate === undefined) continue;
    const id = idBytes(job.id);
    gates.push([id, new Set(job.gate.parents).size, CONDITION[job.gate.condition]]);
    job.gate.parents.forEach((parent, position) => {
      edges.push([id, position, idBytes(parent), own.has(parent) ? FIRST_FENCE : LOOSE, 0]);
    });
  }
  await tx.sql.rows("INSERT INTO firelater_gate (id, open_parents, wanted)", gates);
  await tx.sql.rows("INSERT INTO firelater_edge (gate, position, parent, tied, resolved)", edges);
}

/** What others decide, as records that are there when the jobs are. */
function leftOver(rows: readonly FirstRow[]): Work[] {
  const own = new Set(rows.map(({ job }) => job.id));
  const edges = rows.flatMap(({ job }) =>
    [...new Set(job.gate?.parents ?? [])]
      .filter((parent) => !own.has(parent))
      .map((parent) => edgeWork(idBytes(parent), idBytes(job.id))),
  );
  // Also of jobs that do not wait for a permit yet: the key gets its row by it, without which nobody is let in.
  const keys = new Set(rows.flatMap(({ job }) => job.limit?.key ?? []));
  const skips = rows.filter(({ job, first }) => first.hold === HOLD.limit && job.limit?.whenFull === "skip");
  return [...edges, ...[...keys].map(limitWork), ...skips.map(({ job }) => skipWork(idBytes(job.id)))];
}
