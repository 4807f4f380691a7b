/** What every script that changes jobs is made of: the row, the sets that it is in, and what there is to tell after it. */
import { FLAG } from "../../storage/index.ts";
import { ARGUMENTS, lua } from "./script.ts";
import { TELL } from "./signal.ts";
import { TALLY } from "./statistics.ts";

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
local function isFinal(state) return state == 'Succeeded' or state == 'Deleted' end

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

local function historyOf(row) return redis.call('HGET', jobKey(row.id), 'history') or '' end

-- The history up to and including the state that is left; not for Enqueued, whose entry is in it already.
local function past(row)
  local values = redis.call('HMGET', jobKey(row.id), 'history', 'entry')
  return (values[1] or '') .. line(row.stateAt, values[2] or '')
end

local function number(row, field)
  return tonumber(redis.call('HGET', jobKey(row.id), field) or 0)
end

local function limitOf(row)
  if not has(row.flags, ${FLAG.limited}) then return nil end
  if not row.limit then
    local values = redis.call('HMGET', jobKey(row.id), 'limitKey', 'limitMax', 'limitSkip')
    row.limit = { key = values[1], max = tonumber(values[2]), skip = values[3] }
  end
  return row.limit
end

local function isOnItsWay(row)
  return row.state == 'Processing' or (row.state == 'Enqueued' and row.hold ~= 'limit')
end
`;

/**
 * The one place that knows which sets a row is in. What is put in and taken out is gathered and written by `flush`,
 * set by set: for Lua a command costs more than several members. The sets of a limit's key alone are written at once,
 * for they are read by the decisions that follow in the same script.
 */
const PLACES = lua`
local gathered, queuesTouched, shelvesTouched = {}, {}, {}

local function put(key, member, score)
  gathered[key] = gathered[key] or {}
  gathered[key][member] = score
end

local function write(key, members)
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

local function flush()
  for key, members in pairs(gathered) do write(key, members) end
  for queue in pairs(queuesTouched) do
    local left = redis.call('EXISTS', root .. ':ready:' .. queue, root .. ':slots:' .. queue)
    if left == 0 then redis.call('ZREM', queuesKey, queue) else redis.call('ZADD', queuesKey, 0, queue) end
  end
  for shelf in pairs(shelvesTouched) do
    local left = redis.call('EXISTS', shelfKey(shelf))
    redis.call(left == 0 and 'SREM' or 'SADD', shelvesKey, shelf)
  end
  gathered, queuesTouched, shelvesTouched = {}, {}, {}
end

local function putReady(row, score)
  local slotsOnly = has(row.flags, ${FLAG.recovered + FLAG.limited})
  queuesTouched[row.queue] = true
  put(root .. (slotsOnly and ':slots:' or ':ready:') .. row.queue, readyPlace(row), score)
end

local function putParked(row, score)
  local shelf = (row.name or redis.call('HGET', jobKey(row.id), 'name')) .. '\0' .. row.queue
  shelvesTouched[shelf] = true
  put(shelfKey(shelf), readyPlace(row), score)
  put(parkedKey, queuedPlace(row), score)
end

local function putWaiting(row, score)
  local key = waitersKey(limitOf(row).key)
  if score then redis.call('ZADD', key, 0, readyPlace(row)) else redis.call('ZREM', key, readyPlace(row)) end
  put(waitingKey, queuedPlace(row), score)
end

local function putEnqueued(row, score)
  if not row.hold then
    putReady(row, score)
  elseif row.hold == 'unknown' then
    putParked(row, score)
  else
    putWaiting(row, score)
  end
end

local function leave(row)
  put(stateKey(row.state), row.id, false)
  if row.state == 'Processing' then
    put(heldKey(row.owner), row.id, false)
  elseif row.hold == 'due' then
    put(dueKey, duePlace(row.dueAt, row), false)
  elseif row.state == 'Enqueued' then
    putEnqueued(row, false)
  end
  if isOnItsWay(row) and has(row.flags, ${FLAG.limited}) then
    redis.call('SREM', permitsKey(limitOf(row).key), row.id)
  end
end

local KINDS = { Succeeded = 'succeeded', Failed = 'failed', Deleted = 'deleted' }

local function enter(row)
  put(stateKey(row.state), row.id, row.stateAt)
  if row.state == 'Processing' then
    put(heldKey(row.owner), row.id, row.stateAt)
  elseif row.hold == 'due' then
    put(dueKey, duePlace(row.dueAt, row), 0)
    tellDue(row.dueAt)
  elseif row.state == 'Enqueued' then
    putEnqueued(row, 0)
    if not row.hold then news.ready[row.queue] = true elseif row.hold == 'unknown' then news.parked = true end
  elseif KINDS[row.state] then
    count(KINDS[row.state])
    news.finished = true
  end
  if isOnItsWay(row) and has(row.flags, ${FLAG.limited}) then
    redis.call('SADD', permitsKey(limitOf(row).key), row.id)
  end
end
`;

/**
 * One accepted change: the fence rises, the state is as old as this write. Fields go before fields come: Redis refuses
 * for want of memory only a first write that adds, so a full server still settles what runs, and takes nothing new.
 *
 * A parent counts its children that have not finished, so that `expire` need not look at them: whoever finishes, or is
 * taken up again, says so to its parents.
 */
const CHANGE = lua`
-- A removal of nothing, before a first write that adds: jobs that fill a server must be run and removed all the same.
local function writeThoughFull() redis.call('SREM', unadmittedKey, '') end

local function nextSeq() return redis.call('INCR', seqKey) end

local function eachParent(ids, tell)
  local seen = {}
  for id in string.gmatch(ids, '%S+') do
    if not seen[id] then
      seen[id] = true
      tell(id)
    end
  end
end

local function countForParents(row, by)
  eachParent(redis.call('HGET', jobKey(row.id), 'parents') or '', function(id)
    if redis.call('HEXISTS', jobKey(id), 'fence') == 1 then redis.call('HINCRBY', jobKey(id), 'unfinished', by) end
  end)
end

local function change(row, to)
  leave(row)
  local wasFinal = isFinal(row.state)
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
  if has(row.flags, ${FLAG.gated}) and wasFinal ~= isFinal(row.state) then countForParents(row, wasFinal and 1 or -1) end
end

-- The end of every transition: what was gathered is written, and told after it.
local function done(result)
  flush()
  writeTally()
  return { result, publish() }
end
`;

/** All that a transition needs, in order; such a script ends with `return done(result)`. */
export const TRANSITION: string = [
  ARGUMENTS,
  lua`local origin = take()`,
  CLOCK,
  TALLY,
  TELL,
  READ,
  PLACES,
  CHANGE,
].join("\n");
