/**
 * Permits of limited jobs. A key's jobs that are on their way are a set, which `transition.ts` keeps like any index of a
 * row; nobody gives or takes a permit. A script runs alone, so its count is exact. Only jobs with `FLAG.limited` come here.
 */
import { TAIL } from "../../storage/index.ts";
import { lua, quoted } from "./script.ts";

/** Who is admitted, waits or is skipped; and the waiters that a free permit lets in. The caller has set `budget`. */
export const PERMITS: string = lua`
-- Who waits already goes first: else jobs with a larger max would keep one with a smaller waiting for ever.
local function hasPermit(limit, row, place)
  if redis.call('SCARD', permitsKey(limit.key)) >= limit.max then return false end
  -- One of the two may be the job itself, where it stood before this write.
  for _, member in ipairs(redis.call('ZRANGE', waitersKey(limit.key), 0, 1)) do
    local id = placeId(member)
    if id ~= row.id then return place .. row.id < member end
  end
  return true
end

-- Where a job goes that nothing but its limit holds: state, hold and entry. Nothing is written.
local function admission(row, place)
  local limit = limitOf(row)
  if not limit or hasPermit(limit, row, place) then return 'Enqueued', false, '' end
  if limit.skip then return 'Deleted', false, ${quoted(TAIL.skipped)} end
  return 'Enqueued', 'limit', ''
end

-- Takes a job that a due time or a gate has held to where it goes now.
local function letIn(row, history)
  local place = nextPlace(row)
  local state, hold, entry = admission(row, place)
  change(row, { state = state, hold = hold, entry = entry, place = place, history = history, open = false, tied = false })
end

-- Gives what permits a key has to those who wait for them; what is too much for one write is left to 'release'.
local function admitWaiters(key)
  local admitted = 0
  while true do
    local first = redis.call('ZRANGE', waitersKey(key), 0, 0)[1]
    local row = first and read(placeId(first))
    if not first then return admitted end
    if not row then
      redis.call('ZREM', waitersKey(key), first)
    else
      if redis.call('SCARD', permitsKey(key)) >= limitOf(row).max then return admitted end
      if budget.admissions <= 0 then
        redis.call('SADD', unadmittedKey, key)
        news.released = true
        return admitted
      end
      budget.admissions = budget.admissions - 1
      admitted = admitted + 1
      change(row, { hold = false, history = historyOf(row) .. line(stamp, ${quoted(TAIL.admitted)}) })
    end
  end
end
`;
