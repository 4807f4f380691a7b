import {
  type ClaimedJob,
  type Hold,
  JOB_STATES,
  type JobLimit,
  type JobRecord,
  type JobState,
} from "../../storage/index.ts";
import { toList, toNumber, toText, toTextOrNull } from "./reply.ts";
import { lua } from "./script.ts";

const HOLDS: readonly Hold[] = ["due", "gate", "unknown", "limit"];

/**
 * The whole row for the caller, as Redis has it: names and values in turn, then its id. Short rows are packed by Redis
 * into one list, in which every field that is asked for by name is searched from the front: all at once is cheaper.
 */
export const ANSWER: string = lua`
local function answer(id)
  local fields = redis.call('HGETALL', jobKey(id))
  if #fields == 0 then return nil end
  fields[#fields + 1] = 'id'
  fields[#fields + 1] = id
  return fields
end
`;

export function toRecord(reply: unknown): JobRecord {
  const row = toFields(reply);
  return {
    id: toText(row.get("id")),
    queue: toText(row.get("queue")),
    rank: toNumber(row.get("rank")),
    seq: toNumber(row.get("seq")),
    state: toState(row.get("state")),
    stateAt: toNumber(row.get("stateAt")),
    entry: toText(row.get("entry") ?? ""),
    hold: toHold(row.get("hold")),
    createdAt: toNumber(row.get("createdAt")),
    dueAt: row.has("dueAt") ? toNumber(row.get("dueAt")) : null,
    plannedAt: row.has("plannedAt") ? toNumber(row.get("plannedAt")) : null,
    name: toText(row.get("name")),
    args: toText(row.get("args")),
    displayName: toTextOrNull(row.get("displayName")),
    failures: toNumber(row.get("failures") ?? 0),
    crashes: toNumber(row.get("crashes") ?? 0),
    fence: toNumber(row.get("fence")),
    owner: toTextOrNull(row.get("owner")),
    flags: toNumber(row.get("flags") ?? 0),
    history: toText(row.get("history") ?? ""),
    limit: row.has("limitKey") ? toLimit(row) : null,
    parameters: toTextOrNull(row.get("parameters")),
    tags: row.has("tags") ? JSON.parse(toText(row.get("tags"))) : [],
  };
}

function toLimit(row: ReadonlyMap<unknown, unknown>): JobLimit {
  return {
    key: toText(row.get("limitKey")),
    max: toNumber(row.get("limitMax")),
    whenFull: row.has("limitSkip") ? "skip" : "wait",
  };
}

function toFields(reply: unknown): ReadonlyMap<unknown, unknown> {
  const list = toList(reply);
  const fields = new Map<unknown, unknown>();
  for (let at = 0; at < list.length; at += 2) fields.set(list[at], list[at + 1]);
  return fields;
}

/** The record of a row that was read just before the claim wrote it: what the write changed is put in here. */
export function toClaimed(
  reply: unknown,
  claim: { readonly now: number; readonly entry: string; readonly owner: string; readonly blamed: boolean },
): ClaimedJob {
  const job = toRecord(reply);
  const { now, entry, owner, blamed } = claim;
  return {
    ...job,
    state: "Processing",
    stateAt: now,
    hold: null,
    entry,
    owner,
    fence: job.fence + 1,
    blamed,
  };
}

export function toState(value: unknown): JobState {
  const state = JOB_STATES.find((known) => known === value);
  if (state === undefined) throw new TypeError(`unknown state ${String(value)} in the storage`);
  return state;
}

function toHold(value: unknown): Hold | null {
  return HOLDS.find((known) => known === value) ?? null;
}
