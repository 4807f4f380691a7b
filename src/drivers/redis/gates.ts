import { FLAG, type ReleaseResult, TAIL } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber } from "./reply.ts";
import { TRANSITION } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

/**
 * Edges that one write may work off beside its own changes, whatever they do to their waiter; the rest is left to
 * `release`. A commit of many jobs therefore works off few: a script stays as short as one that has no gates.
 */
export function edgeBudget(changes: number): number {
  return Math.max(1, JOBS_IN_ONE_SCRIPT + 1 - changes);
}

/**
 * A gate is its waiter's own row: `open` counts the parents that are still to succeed. A script runs alone, so the
 * locks that keep a new child and a finishing parent from missing each other are free here.
 */
export const LOOK_UP_PARENTS: string = lua`
local function lookUpParents(ids)
  local parents, open, broken = {}, 0, false
  for id in string.gmatch(ids, '%S+') do
    local found = redis.call('HMGET', jobKey(id), 'state', 'fence', 'flags')
    if not found[1] then return nil, nil, nil, id end
    local parent = { id = id, state = found[1], fence = found[2], flags = tonumber(found[3] or 0) }
    if parent.state ~= 'Succeeded' then open = open + 1 end
    broken = broken or parent.state == 'Deleted'
    parents[#parents + 1] = parent
  end
  return parents, open, broken
end

-- The fence as score tells edges tied before a final state from those tied after a requeue.
local function tie(parents, child)
  for _, parent in ipairs(parents) do
    local done = parent.state == 'Succeeded' or parent.state == 'Deleted'
    redis.call('ZADD', edgesKey(parent.id), done and 0 or parent.fence, edgePlace(child.seq, child.id))
    if not has(parent.flags, ${FLAG.parent}) then
      redis.call('HSET', jobKey(parent.id), 'flags', parent.flags + ${FLAG.parent})
    end
  end
end
`;

/** What a finished parent means for its waiters. The caller has set `tails` and `budget`. */
export const RESOLVE: string = lua`
local finished, released = {}, 0

local function finish(row)
  local final = row.state == 'Succeeded' or row.state == 'Deleted'
  if final and has(row.flags, ${FLAG.parent}) then
    finished[#finished + 1] = { id = row.id, fence = row.fence, state = row.state }
  end
end

local function readyWaiter(row)
  local history = past(row) .. line(stamp, tails.released)
  change(row, { state = 'Enqueued', hold = false, entry = false, seq = nextSeq(), history = history })
  released = released + 1
end

local function deleteWaiter(row)
  change(row, { state = 'Deleted', hold = false, entry = tails.conditionNotMet, history = past(row) })
  released = released + 1
  finish(row)
end

local function resolveEdge(waiter, state)
  local row = read(waiter)
  if not row then return end
  local open = state == 'Succeeded' and redis.call('HINCRBY', jobKey(waiter), 'open', -1)
  if row.hold ~= 'gate' then return end
  if state == 'Deleted' then deleteWaiter(row) elseif open == 0 then readyWaiter(row) end
end

-- An edge is resolved once for ever: from then on its score is 0, whatever its parent becomes later. What exceeds the
-- budget goes into a record in this very write, so no waiter is forgotten if nobody comes back.
local function resolveEdges(parent)
  local edges = edgesKey(parent.id)
  local some = budget > 0 and redis.call('ZRANGEBYSCORE', edges, 1, parent.fence, 'LIMIT', 0, budget) or {}
  for _, member in ipairs(some) do
    redis.call('ZADD', edges, 0, member)
    resolveEdge(placeId(member), parent.state)
  end
  budget = budget - #some
  if budget == 0 and redis.call('ZCOUNT', edges, 1, parent.fence) > 0 then
    redis.call('RPUSH', releasesKey, parent.id .. ' ' .. parent.fence .. ' ' .. parent.state)
  end
end

-- Deleted waiters add themselves to the end of the list while it is walked.
local function resolveFinished()
  local nth = 1
  while finished[nth] do
    resolveEdges(finished[nth])
    nth = nth + 1
  end
  finished = {}
end
`;

const RELEASE = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
  lua`
local tails = { released = take(), conditionNotMet = take() }
local budget = tonumber(take())
`,
  RESOLVE,
  lua`
while budget > 0 do
  local record = redis.call('LPOP', releasesKey)
  if not record then break end
  local id, fence, state = string.match(record, '^(%S+) (%d+) (%a+)$')
  finished[1] = { id = id, fence = fence, state = state }
  resolveFinished()
end
flush()
return { released, redis.call('LLEN', releasesKey) }
`,
);

export const release: Verb<number, ReleaseResult> = {
  doing: "release waiters",
  script: RELEASE,
  args: (limit) => [TAIL.released, TAIL.conditionNotMet, Math.min(limit, JOBS_IN_ONE_SCRIPT)],
  answer: (reply) => {
    const [released, left] = toList(reply);
    return { released: toNumber(released), more: toNumber(left) > 0 };
  },
};
