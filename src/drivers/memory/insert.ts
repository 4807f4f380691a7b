import {
  type Due,
  entryLine,
  FLAG,
  type InsertOutcome,
  type JobRecord,
  type NewGate,
  type NewJob,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { meets } from "../shared/gate-conditions.ts";
import { admit } from "./permits.ts";
import { addTo, type Tables } from "./schema.ts";

export function insertJobs(tables: Tables, jobs: readonly NewJob[]): InsertOutcome[] {
  const now = tables.clock();
  return jobs.map((job) => insertJob(tables, job, now));
}

function insertJob(tables: Tables, job: NewJob, now: number): InsertOutcome {
  if (tables.find(job.id) !== undefined) return { outcome: "exists" };
  if (job.gate !== undefined) return insertGated(tables, job, job.gate, now);
  tables.put(job.due === undefined ? readyRow(tables, job, now) : dueRow(tables, job, job.due, now));
  return { outcome: "inserted" };
}

/** The instant of a due time: a delay counts from the store's now. */
export function dueTime(due: Due, now: number): number {
  return "in" in due ? now + due.in : due.at;
}

function newRow(tables: Tables, job: NewJob, now: number): Omit<JobRecord, "state"> {
  const { id, queue, rank, name, args, displayName, entry } = job;
  const given = { id, queue, rank, name, args, displayName, entry };
  const times = { stateAt: now, createdAt: now, dueAt: null, plannedAt: job.plannedAt ?? null };
  const unspent = { failures: 0, crashes: 0, fence: 1, owner: null, history: "" };
  return { ...given, ...times, ...unspent, ...attached(job), seq: tables.nextSeq(), hold: null };
}

/** What filters and people attach to a job: copies, which nobody can change. */
function attached({
  limit,
  parameters,
  tags = [],
}: NewJob): Pick<JobRecord, "limit" | "parameters" | "tags" | "flags"> {
  return {
    limit: limit === undefined ? null : Object.freeze({ ...limit }),
    parameters: parameters ?? null,
    tags: Object.freeze([...tags]),
    flags: limit === undefined ? 0 : FLAG.limited,
  };
}

function readyRow(tables: Tables, job: NewJob, now: number): JobRecord {
  const history = entryLine(now, job.entry);
  return admit(tables, { ...newRow(tables, job, now), state: "Enqueued", entry: "", history });
}

function dueRow(tables: Tables, job: NewJob, due: Due, now: number): JobRecord {
  const dueAt = dueTime(due, now);
  return {
    ...newRow(tables, job, now),
    state: "Scheduled",
    hold: "due",
    dueAt,
    plannedAt: job.plannedAt ?? dueAt,
  };
}

function insertGated(tables: Tables, job: NewJob, gate: NewGate, now: number): InsertOutcome {
  const { condition } = gate;
  const ids = [...new Set(gate.parents)];
  const parents: JobRecord[] = [];
  for (const id of ids) {
    const parent = tables.find(id);
    if (parent === undefined) return { outcome: "parent-not-found", parent: id };
    parents.push(parent);
  }
  for (const parent of parents) tables.put({ ...parent, flags: parent.flags | FLAG.parent });
  const waitsFor = parents.filter(({ state }) => state !== "Succeeded" && state !== "Deleted");
  tables.gates.set(job.id, { parents: [...gate.parents], condition, open: waitsFor.length });
  for (const id of ids) addTo(tables.children, id, job.id);
  const row = newRow(tables, job, now);
  const gated = { ...row, flags: row.flags | FLAG.gated };
  const past = entryLine(now, job.entry);
  if (parents.some((parent) => breaks(gate, parent))) {
    tables.put({ ...gated, state: "Deleted", entry: TAIL.conditionNotMet, history: past });
  } else if (waitsFor.length === 0) {
    const history = past + entryLine(now, releasedTail(condition));
    tables.put(admit(tables, { ...gated, state: "Enqueued", entry: "", history }));
  } else {
    tables.put({ ...gated, state: "Awaiting", hold: "gate" });
    for (const { id } of waitsFor) addTo(tables.waiters, id, job.id);
  }
  return { outcome: "inserted" };
}

/** Whether a parent has already ended as the gate does not want it. */
function breaks({ condition }: NewGate, { state }: JobRecord): boolean {
  return (state === "Succeeded" || state === "Deleted") && !meets(condition, state);
}
