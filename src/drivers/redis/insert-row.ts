/** A new row: what callers give for it, and how it is written. */
import { type Due, FLAG, type NewJob } from "../../storage/index.ts";
import { lua } from "./script.ts";

/** `in 5000` or `at 1790000000000`. */
export function dueArg(due: Due): string {
  return "in" in due ? `in ${due.in}` : `at ${due.at}`;
}

/** What every job has, then what this one has beside it, by name. */
export function jobArgs(job: NewJob): (string | number)[] {
  const attached = attachedTo(job);
  return [job.id, job.queue, job.rank, job.name, job.args, job.entry, attached.length / 2, ...attached];
}

function attachedTo(job: NewJob): (string | number)[] {
  const { displayName, due, plannedAt, gate, limit, parameters, tags } = job;
  const attached: (string | number)[] = [];
  if (displayName !== null) attached.push("displayName", displayName);
  if (due !== undefined) attached.push("due", dueArg(due));
  if (plannedAt !== undefined) attached.push("plannedAt", plannedAt);
  if (gate !== undefined) attached.push("parents", gate.parents.join(" "), "condition", gate.condition);
  if (limit !== undefined) attached.push("limitKey", limit.key, "limitMax", limit.max);
  if (limit?.whenFull === "skip") attached.push("limitSkip", 1);
  if (parameters !== undefined) attached.push("parameters", parameters);
  if (tags !== undefined && tags.length > 0) attached.push("tags", JSON.stringify(tags));
  return attached;
}

/** Writes a new row and puts it where its first state belongs. */
export const STORE: string = lua`
local function takeJob()
  local job = { id = take(), queue = take(), rank = take(), name = take(), args = take(), entry = take() }
  for _ = 1, tonumber(take()) do
    local field = take()
    job[field] = take()
  end
  return job
end

local ATTACHED = { 'displayName', 'plannedAt', 'parents', 'condition', 'limitKey', 'limitMax', 'limitSkip', 'parameters', 'tags' }

-- The row as it will be, without its first state.
local function begin(job)
  local flags = (job.parents and ${FLAG.gated} or 0) + (job.limitKey and ${FLAG.limited} or 0)
  local limit = job.limitKey and { key = job.limitKey, max = tonumber(job.limitMax), skip = job.limitSkip }
  return { id = job.id, queue = job.queue, rank = job.rank, name = job.name, seq = nextSeq(), stateAt = stamp,
    flags = flags, limit = limit }
end

local function store(job, row)
  local fields = {'fence', 1, 'state', row.state, 'stateAt', stamp, 'queue', job.queue, 'rank', job.rank,
    'seq', row.seq, 'createdAt', stamp, 'name', job.name, 'args', job.args}
  local function add(field, value)
    if not value then return end
    fields[#fields + 1] = field
    fields[#fields + 1] = value
  end
  job.plannedAt = job.plannedAt or row.dueAt
  for _, field in ipairs(ATTACHED) do add(field, job[field]) end
  add('entry', row.entry)
  add('hold', row.hold)
  add('dueAt', row.dueAt)
  add('history', row.history)
  add('open', row.open)
  add('tied', row.open and row.seq)
  add('flags', row.flags > 0 and row.flags)
  redis.call('HSET', jobKey(job.id), unpack(fields))
  enter(row)
  return row
end

-- A job that nothing but its limit holds.
local function storeEntering(job, history)
  local row = begin(job)
  row.state, row.hold, row.entry = admission(row, row.seq)
  row.history = history
  return store(job, row)
end

-- A delay counts from the store's own now; a client's clock never decides when a delayed job runs.
local function storeDue(job)
  local row = begin(job)
  local kind, value = string.sub(job.due, 1, 2), tonumber(string.sub(job.due, 4))
  row.state, row.hold, row.entry, row.dueAt = 'Scheduled', 'due', job.entry, kind == 'in' and now + value or value
  store(job, row)
end

local function storeUngated(job)
  if job.due then storeDue(job) else storeEntering(job, line(stamp, job.entry)) end
end

local function isThere(job) return redis.call('EXISTS', jobKey(job.id)) == 1 end
`;
