import {
  type ClaimedJob,
  FLAG,
  type Hold,
  JOB_STATES,
  type JobRecord,
  type JobState,
} from "../../storage/index.ts";
import { NOT_KEPT_YET } from "../shared/not-kept-yet.ts";
import { toList, toNumber, toText, toTextOrNull } from "./reply.ts";
import { lua } from "./script.ts";

const HOLDS: readonly Hold[] = ["due", "gate", "unknown"];

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
    ...NOT_KEPT_YET,
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
  return { ...job, state: "Processing", stateAt: now, entry, owner, fence: job.fence + 1, blamed };
}

export function toState(value: unknown): JobState {
  const state = JOB_STATES.find((known) => known === value);
  if (state === undefined) throw new TypeError(`unknown state ${String(value)} in the storage`);
  return state;
}

function toHold(value: unknown): Hold | null {
  return HOLDS.find((known) => known === value) ?? null;
}

/** The store's clock, read once a script: everything that one write stamps has one time. */
export const CLOCK: string = lua`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%d', now)
local function line(at, tail) return '{"at":' .. at .. ',' .. tail .. '}\n' end
`;

/** What transitions read of a row: the small fields. Arguments are read for callers alone, the past on demand. */
const READ = lua`
local function has(flags, flag) return bit.band(flags, flag) ~= 0 end

local function read(id)
  local values = redis.call('HMGET', jobKey(id), 'fence', 'state', 'stateAt', 'hold', 'queue', 'rank', 'seq', 'owner',
    'blamed', 'flags', 'dueAt')
  if not values[1] then return nil end
  return {
    id = id, fence = tonumber(values[1]), state = values[2], stateAt = values[3], hold = values[4], queue = values[5],
    rank = values[6], seq = values[7], owner = values[8], blamed = values[9], flags = tonumber(values[10] or 0),
    dueAt = tonumber(values[11] or 0),
  }
end

-- The history up to and including the state that is left; not for Enqueued, whose entry is in it already.
local function past(row)
  local values = redis.call('HMGET', jobKey(row.id), 'history', 'entry')
  return (values[1] or '') .. line(row.stateAt, values[2] or '')
end

local function number(row, field)
  return tonumber(redis.call('HGET', jobKey(row.id), field) or 0)
end
`;

/**
 * The one place that knows which sets a row is in. What is put in and taken out is gathered and written by 'flush',
 * set by set: for Lua a command costs more than several members.
 */
const PLACES = lua`
local gathered = {}

local function put(key, member, score)
  gathered[key] = gathered[key] or {}
  gathered[key][member] = score
end

local function flush()
  for key, members in pairs(gathered) do
    local out, into = {}, {}
    for member, score in pairs(members) do
      if score then
        into[#into + 1] = score
        into[#into + 1] = member
      else
        out[#out + 1] = member
      end
    end
    if #out > 0 then redis.call('ZREM', key, unpack(out)) end
    if #into > 0 then redis.call('ZADD', key, unpack(into)) end
  end
end

local function readyKey(row)
  return root .. (has(row.flags, ${FLAG.recovered}) and ':recovered:' or ':ready:') .. row.queue
end

local function leave(row)
  put(stateKey(row.state), row.id, false)
  if row.state == 'Processing' then
    put(heldKey(row.owner), row.id, false)
  elseif row.hold == 'due' then
    put(dueKey, duePlace(row.dueAt, row), false)
  elseif row.state == 'Enqueued' and not row.hold then
    put(readyKey(row), readyPlace(row), false)
  end
end

local function enter(row)
  put(stateKey(row.state), row.id, row.stateAt)
  if row.state == 'Processing' then
    put(heldKey(row.owner), row.id, row.stateAt)
  elseif row.hold == 'due' then
    put(dueKey, duePlace(row.dueAt, row), 0)
  elseif row.state == 'Enqueued' and not row.hold then
    put(readyKey(row), readyPlace(row), 0)
  end
end
`;

/**
 * One accepted change: the fence rises, the state is as old as this write. Fields go before fields come: Redis refuses
 * for want of memory only a first write that adds, so a full server still settles what runs, and takes nothing new.
 */
const CHANGE = lua`
local function nextSeq() return redis.call('INCR', seqKey) end

local function change(row, to)
  leave(row)
  to.fence = row.fence + 1
  to.stateAt = stamp
  local set, gone = {}, {}
  for field, value in pairs(to) do
    if value then
      set[#set + 1] = field
      set[#set + 1] = value
    elseif row[field] ~= false then
      gone[#gone + 1] = field
    end
    row[field] = value
  end
  if #gone > 0 then redis.call('HDEL', jobKey(row.id), unpack(gone)) end
  redis.call('HSET', jobKey(row.id), unpack(set))
  enter(row)
end
`;

/** All that a transition needs, in order; such a script ends with 'flush()'. */
export const TRANSITION: string = [CLOCK, READ, PLACES, CHANGE].join("\n");
