import {
  FLAG,
  type InsertOutcome,
  isFinal,
  type NewGate,
  type NewJob,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { CONDITION, meets } from "../shared/gate-conditions.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { RaceError } from "./errors.ts";
import {
  EXISTING,
  INSERT_DELETED,
  INSERT_EDGES,
  INSERT_GATES,
  LOCK_JOBS,
  LOCK_JOBS_DONE,
  MARK_PARENTS,
} from "./insert-decided-statements.ts";
import {
  attachments,
  type FirstRow,
  type FirstState,
  insertRows,
  limitFlag,
  plainState,
  rowsInsert,
} from "./insert-row.ts";
import { toStored } from "./opaque.ts";
import { lockKeys, Permits } from "./permits.ts";
import { insertLooseEdges } from "./release-records.ts";
import type { Runner } from "./statements.ts";

/** What is known of jobs by id: the codes of their states. */
export type States = Map<string, number>;

export interface Plan {
  readonly outcomes: InsertOutcome[];
  readonly rows: FirstRow[];
  readonly states: States;
}

/**
 * Jobs of which at least one has parents or a limit. The keys are locked first, then the parents, and only then is
 * looked at either: a child that is added while its parent commits is either seen by that commit, which then finds the
 * edge, or sees its result; and of many that are stored at once each sees who has got a permit before it.
 */
export async function insertDecided(tx: Runner, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  const keys = jobs.flatMap(({ limit, due }) =>
    limit === undefined || due !== undefined ? [] : [toStored(limit.key)],
  );
  await lockKeys(tx, keys);
  const existing = new Set(
    await idsOf(
      tx,
      jobs.map(({ id }) => id),
    ),
  );
  const parents = jobs.flatMap(({ id, gate }) => (existing.has(id) ? [] : (gate?.parents ?? [])));
  const states = await lockParents(tx, [...new Set(parents)].sort());
  const permits = await Permits.load(tx, keys, 1);
  const plan = planInserts(jobs, existing, states, permits);
  await write(tx, plan);
  return plan.outcomes;
}

/**
 * A parent may move to the other table while we wait for it, and be met in neither: so we look in both again until all
 * are locked or gone. "Gone" is what one snapshot of both says.
 */
async function lockParents(tx: Runner, ids: readonly string[]): Promise<States> {
  const states: States = new Map();
  for (let missing = ids; missing.length > 0; ) {
    const values = [textArray(missing)];
    for (const lock of [LOCK_JOBS, LOCK_JOBS_DONE]) {
      for (const [id, state] of await tx.run<[id: string, state: number]>(lock, values))
        states.set(id, state);
    }
    missing = await idsOf(
      tx,
      missing.filter((id) => !states.has(id)),
    );
  }
  return states;
}

/** Those that are there. */
export async function idsOf(tx: Runner, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  return (await tx.run<[id: string]>(EXISTING, [textArray(ids)])).map(([id]) => id);
}

/** Decides job by job, so that a parent earlier in the call counts. Nothing is written yet. */
export function planInserts(
  jobs: readonly NewJob[],
  existing: ReadonlySet<string>,
  locked: States,
  permits: Pick<Permits, "enter">,
): Plan {
  const plan: Plan = { outcomes: [], rows: [], states: new Map(locked) };
  const planned = new Set<string>();
  for (const job of jobs) {
    const missing = job.gate?.parents.find((parent) => !plan.states.has(parent));
    if (existing.has(job.id) || planned.has(job.id)) plan.outcomes.push({ outcome: "exists" });
    else if (missing !== undefined) plan.outcomes.push({ outcome: "parent-not-found", parent: missing });
    else {
      const held = job.gate === undefined ? plainState(job) : gatedState(job, job.gate, plan.states);
      const first = admitted(job, held, permits);
      plan.outcomes.push({ outcome: "inserted" });
      plan.rows.push({ job, first });
      plan.states.set(job.id, first.state);
      planned.add(job.id);
    }
  }
  return plan;
}

function gatedState(job: NewJob, { parents, condition }: NewGate, states: States): FirstState {
  const { entry } = job;
  const ended = parents.map((parent) => toState(states.get(parent) ?? STATE.Awaiting));
  const flags = FLAG.gated | limitFlag(job);
  const isBroken = ended.some(
    (state) => (state === "Succeeded" || state === "Deleted") && !meets(condition, state),
  );
  if (isBroken) {
    return { state: STATE.Deleted, hold: HOLD.none, entry: TAIL.conditionNotMet, tails: entry, flags };
  }
  if (ended.every(isFinal)) {
    const tails = `${entry}\n${releasedTail(condition)}`;
    return { state: STATE.Enqueued, hold: HOLD.none, entry: "", tails, flags };
  }
  return { state: STATE.Awaiting, hold: HOLD.gate, entry, tails: "", flags };
}

/** A job that nothing else holds, as its limit lets it begin. */
function admitted(
  { id, rank, limit }: NewJob,
  first: FirstState,
  permits: Pick<Permits, "enter">,
): FirstState {
  if (limit === undefined || first.state !== STATE.Enqueued) return first;
  const { max, whenFull } = limit;
  return {
    ...first,
    ...permits.enter({ id, rank, seq: null, limit: { key: toStored(limit.key), max, whenFull } }),
  };
}

export async function write(tx: Runner, { rows, states }: Plan): Promise<void> {
  const parents = new Set(rows.flatMap(({ job }) => job.gate?.parents ?? []));
  const marked = rows.map(({ job, first }) => ({
    job,
    first: parents.has(job.id) ? { ...first, flags: first.flags | FLAG.parent } : first,
  }));
  const deleted = marked.filter(({ first }) => first.state === STATE.Deleted);
  const others = marked.filter(({ first }) => first.state !== STATE.Deleted);
  if (others.length > 0) {
    const stored = await insertRows(tx, rowsInsert(tx, others));
    // Somebody has stored one of these ids since we looked: what was decided from its absence is void.
    if (stored.size < others.length) throw new RaceError();
  }
  if (deleted.length > 0) await insertDeleted(tx, deleted);
  await writeGates(tx, rows, states);
  if (parents.size > 0 && !tx.putsOff) await tx.run(MARK_PARENTS, [textArray([...parents])]);
}

async function insertDeleted(tx: Runner, rows: readonly FirstRow[]): Promise<void> {
  const stored = await tx.run(INSERT_DELETED, [
    textArray(rows.map(({ job }) => job.id)),
    textArray(rows.map(({ job }) => job.queue)),
    plainArray(rows.map(({ job }) => job.rank)),
    textArray(rows.map(({ job }) => job.name)),
    textArray(rows.map(({ job }) => job.args)),
    textArray(rows.map(({ job }) => job.displayName)),
    textArray(rows.map(({ first }) => first.entry)),
    textArray(rows.map(({ first }) => first.tails)),
    plainArray(rows.map(({ first }) => first.flags)),
    plainArray(rows.map(({ job }) => job.plannedAt ?? null)),
    ...attachments(rows),
  ]);
  if (stored.length < rows.length) throw new RaceError();
  tx.news.happened("finished");
}

interface Edge {
  readonly gate: string;
  readonly parent: string;
  readonly position: number;
  readonly resolved: boolean;
}

async function writeGates(tx: Runner, rows: readonly FirstRow[], states: States): Promise<void> {
  const edges = rows.flatMap((row) => edgesOf(row, states));
  if (edges.length === 0) return;
  const open = new Map<string, number>();
  for (const { gate, resolved } of edges) if (!resolved) open.set(gate, (open.get(gate) ?? 0) + 1);
  const conditions = new Map(rows.map(({ job }) => [job.id, CONDITION[job.gate?.condition ?? "succeeded"]]));
  await tx.run(INSERT_GATES, [
    textArray([...open.keys()]),
    plainArray([...open.values()]),
    plainArray([...open.keys()].map((id) => conditions.get(id) ?? CONDITION.succeeded)),
  ]);
  const columns = [
    textArray(edges.map(({ gate }) => gate)),
    textArray(edges.map(({ parent }) => parent)),
    plainArray(edges.map(({ position }) => position)),
    plainArray(edges.map(({ resolved }) => resolved)),
  ];
  if (tx.putsOff) await insertLooseEdges(tx, columns, new Set(rows.map(({ job }) => job.id)));
  else await tx.run(INSERT_EDGES, columns);
}

/** An edge is open while its job waits and its parent has not ended; a parent named twice counts once. */
function edgesOf({ job, first }: FirstRow, states: States): Edge[] {
  const parents = job.gate?.parents ?? [];
  return parents.map((parent, position) => ({
    gate: job.id,
    parent,
    position,
    resolved:
      first.state !== STATE.Awaiting ||
      isFinal(toState(states.get(parent) ?? STATE.Awaiting)) ||
      parents.indexOf(parent) < position,
  }));
}
