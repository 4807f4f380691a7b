/** In which sets a job stands. */
import { FLAG } from "../../storage/index.ts";
import { lua } from "./script.ts";

/**
 * The one place that knows which sets a row is in. What is put in and taken out is gathered and written by `flush`,
 * set by set: for Lua a command costs more than several members. The sets of a limit's key alone are written at once,
 * for they are read by the decisions that follow in the same script.
 */
export const PLACES: string = lua`
local gathered, gatheredHeld, shelvesTouched = {}, {}, {}

local function put(key, member, score)
  local members = gathered[key]
  if not members then
    members = {}
    gathered[key] = members
  end
  members[member] = score
end

local function putHeld(incarnation, id, isHeld)
  local key = heldKey(incarnation)
  gatheredHeld[key] = gatheredHeld[key] or {}
  gatheredHeld[key][id] = isHeld
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

local function writeHeld(key, members)
  local out, into = {}, {}
  for member, isHeld in pairs(members) do
    local some = isHeld and into or out
    some[#some + 1] = member
  end
  if #out > 0 then redis.call('SREM', key, unpack(out)) end
  if #into > 0 then redis.call('SADD', key, unpack(into)) end
end

local function flush()
  writeLists()
  for key, members in pairs(gathered) do write(key, members) end
  for key, members in pairs(gatheredHeld) do writeHeld(key, members) end
  writeQueues()
  for shelf in pairs(shelvesTouched) do
    local left = redis.call('EXISTS', shelfKey(shelf))
    redis.call(left == 0 and 'SREM' or 'SADD', shelvesKey, shelf)
  end
  gathered, gatheredHeld, shelvesTouched = {}, {}, {}
end

local function putReady(row, score)
  local slotsOnly = has(row.flags, ${FLAG.recovered + FLAG.limited})
  queuesTouched[row.queue] = true
  put(root .. (slotsOnly and ':slots:' or ':ready:') .. row.queue, readyPlace(row), score)
end

local function putParked(row, score)
  local shelf = row.name .. '\0' .. row.queue
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
  enqueued = enqueued + (score and 1 or -1)
  whole(row)
  if not row.hold then
    putReady(row, score)
  elseif row.hold == 'unknown' then
    putParked(row, score)
  else
    putWaiting(row, score)
  end
end

local function leave(row)
  if row.state == 'Enqueued' then
    putEnqueued(row, false)
  elseif row.hold == 'due' then
    put(dueKey, duePlace(whole(row)), false)
  else
    put(stateKey(row.state), row.id, false)
    if row.state == 'Processing' then putHeld(row.owner, row.id, false) end
  end
  if isOnItsWay(row) and has(row.flags, ${FLAG.limited}) then
    redis.call('SREM', permitsKey(limitOf(row).key), row.id)
  end
end

local KINDS = { Succeeded = 'succeeded', Failed = 'failed', Deleted = 'deleted' }

local function enter(row)
  if row.state == 'Enqueued' then
    putEnqueued(row, 0)
    if not row.hold then news.ready[row.queue] = true elseif row.hold == 'unknown' then news.parked = true end
  elseif row.hold == 'due' then
    put(dueKey, duePlace(whole(row)), 0)
    tellDue(tonumber(row.dueAt))
  else
    put(stateKey(row.state), row.id, row.stateAt)
    if row.state == 'Processing' then putHeld(row.owner, row.id, true) end
    if KINDS[row.state] then
      count(KINDS[row.state])
      news.finished = true
    end
  end
  if isOnItsWay(row) and has(row.flags, ${FLAG.limited}) then
    redis.call('SADD', permitsKey(limitOf(row).key), row.id)
  end
end
`;
