/** What every script that changes jobs is made of: the row, the sets that it is in, and what there is to tell after it. */
import { FLAG } from "../../storage/index.ts";
import { LISTS } from "./lists.ts";
import { PLACES } from "./places.ts";
import { ROW_TEXT } from "./row-text.ts";
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

/** What transitions read of a row: its text. Arguments are read for callers alone, the past on demand. */
export const READ: string = lua`
local function has(flags, flag) return bit.band(flags, flag) ~= 0 end
local function isFinal(state) return state == 'Succeeded' or state == 'Deleted' end

local function read(id)
  local text = redis.call('HGET', jobKey(id), 'row')
  return text and parse(id, text)
end

local function historyOf(row) return redis.call('HGET', jobKey(row.id), 'history') or '' end

-- The history up to and including the state that is left; not for Enqueued, whose entry is in it already.
local function past(row)
  local values = redis.call('HMGET', jobKey(row.id), 'history', 'entry')
  return (values[1] or '') .. line(row.stateAt, values[2] or '')
end

local function number(id, field)
  return tonumber(redis.call('HGET', jobKey(id), field) or 0)
end

local function limitOf(row)
  if not has(row.flags, ${FLAG.limited}) then return nil end
  if not row.limit then
    local values = redis.call('HMGET', jobKey(row.id), 'limitKey', 'limitMax', 'limitSkip')
    row.limit = { key = values[1], max = tonumber(values[2]), skip = values[3] }
  end
  return row.limit
end

local function setFlag(row, flag)
  row.flags = row.flags + flag
  redis.call('HSET', jobKey(row.id), 'row', rowText(row))
end

local function isOnItsWay(row)
  return row.state == 'Processing' or (row.state == 'Enqueued' and row.hold ~= 'limit')
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
-- The place of a job that goes to the end of its queue and rank.
local function nextPlace(row)
  writeThoughFull()
  return string.sub(whole(row).place, 1, 5) .. string.format('%016d', nextSeq())
end

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
    if redis.call('HEXISTS', jobKey(id), 'row') == 1 then redis.call('HINCRBY', jobKey(id), 'unfinished', by) end
  end)
end

-- Where a member of 'to' goes: into the two lines of a row's text that change often, into those that rarely do, or (not
-- listed here) into a field of its own, which goes when the value is false.
local OFTEN = { state = true, hold = true, owner = true, blamed = true, flags = true, crashes = true }
local RARELY = { place = true, failures = true, dueAt = true, queue = true }

local function change(row, to)
  writeThoughFull()
  leave(row)
  local wasFinal = isFinal(row.state)
  row.fence, row.stateAt = row.fence + 1, stamp
  local set, gone = { 'row', '' }, {}
  for field, value in pairs(to) do
    if OFTEN[field] then
      row[field] = value
    elseif RARELY[field] then
      whole(row)[field] = value
      row.rest = nil
    elseif value then
      set[#set + 1] = field
      set[#set + 1] = value
    else
      gone[#gone + 1] = field
    end
  end
  if not row.rest then row.rest = restText(row.place, row.failures, row.createdAt, row.dueAt, row.queue, row.name) end
  set[2] = rowText(row)
  if #gone > 0 then redis.call('HDEL', jobKey(row.id), unpack(gone)) end
  redis.call('HSET', jobKey(row.id), unpack(set))
  enter(row)
  if has(row.flags, ${FLAG.gated}) and wasFinal ~= isFinal(row.state) then countForParents(row, wasFinal and 1 or -1) end
end
`;

const WRITING = lua`
-- A removal of nothing, before a first write that adds: jobs that fill a server must be run and removed all the same.
local wroteThoughFull = false
local function writeThoughFull()
  if not wroteThoughFull then redis.call('SREM', unadmittedKey, '') end
  wroteThoughFull = true
end

-- As many as the script may need at once: 'seqBlock' is set by those that need more than one.
local seqBlock, seq, lastSeq = 1, 0, 0
local function nextSeq()
  if seq == lastSeq then
    lastSeq = redis.call('INCRBY', seqKey, seqBlock)
    seq = lastSeq - seqBlock
  end
  seq = seq + 1
  return seq
end
`;

const BEGINNING = [ARGUMENTS, lua`local origin = take()`, CLOCK, TELL, LISTS, WRITING];

/** The end of every transition: what was gathered is written, and told after it. */
const END = lua`
local function done(result)
  flush()
  writeTally()
  return { result, publish() }
end
`;

const END_OF_LIGHT = lua`
local function done(result)
  writeLists()
  writeQueues()
  return { result, publish() }
end
`;

/** All that a transition needs, in order; such a script ends with `return done(result)`. */
export const TRANSITION: string = [...BEGINNING, TALLY, ROW_TEXT, READ, PLACES, CHANGE, END].join("\n");

/**
 * The same for what every job goes through first: it comes without conditions, and is claimed. Each run of a script makes
 * all its functions anew, which for one job that meets an idle server costs as much as the work itself.
 */
export const LIGHT_TRANSITION: string = [...BEGINNING, END_OF_LIGHT].join("\n");
