/**
 * What the end of a job means for those behind its gates: part of the write that ends the job; what one write may not
 * settle is written down in it, as a release record.
 *
 * A gate is its waiter's own row: `open` counts the parents that are still to end as it wants. An edge is there only
 * while its parent has still to tell the waiter; `parents` answers from the waiter's row.
 */
import { FLAG, GATE_CONDITIONS, releasedTail, TAIL } from "../../storage/index.ts";
import { JOBS_IN_ONE_SCRIPT, lua, quoted } from "./script.ts";

/**
 * Edges that one write may work off beside its own changes, whatever they do to their waiter; the rest is left to
 * `release`. A commit of many jobs therefore works off few: a script stays as short as one that has no gates.
 */
export function edgeBudget(changes: number): number {
  return Math.max(1, JOBS_IN_ONE_SCRIPT + 1 - changes);
}

/** The limits of one write: edges as they are left, and as many waiters for permits as there may be changes. */
export function budgetOf(edges: string): string {
  return lua`local budget = { edges = ${edges}, admissions = ${String(JOBS_IN_ONE_SCRIPT)} }`;
}

const RELEASED_TAILS = GATE_CONDITIONS.map(
  (condition) => `${condition} = ${quoted(releasedTail(condition))}`,
).join(", ");

/** What a parent's end means for a gate, now or later. */
export const CONDITIONS: string = lua`
local releasedTails = { ${RELEASED_TAILS} }

-- Whether a parent that ended so is one for which the gate has waited; any other breaks it.
local function meets(condition, ending)
  if condition == 'ended' then return true end
  return (condition == 'deleted') == (ending == 'Deleted')
end
`;

/** What a finished parent means for its waiters. The caller has set `budget`. */
export const RESOLVE: string = lua`
local finished, released = {}, 0

local function finish(row)
  if isFinal(row.state) and has(row.flags, ${FLAG.parent}) then
    local settled = number(row.id, 'settled')
    finished[#finished + 1] = { id = row.id, settled = settled, fence = row.fence, state = row.state }
  end
end

local function readyWaiter(row, condition)
  letIn(row, past(row) .. line(stamp, releasedTails[condition]))
  released = released + 1
  finish(row)
end

-- What is open stays open: from it 'expire' knows that there may be edges left.
local function deleteWaiter(row)
  change(row, { state = 'Deleted', hold = false, entry = ${quoted(TAIL.conditionNotMet)}, history = past(row) })
  released = released + 1
  finish(row)
end

local function resolveEdge(waiter, ending)
  local row = read(waiter)
  if not row or row.hold ~= 'gate' then return end
  local condition = redis.call('HGET', jobKey(waiter), 'condition') or 'succeeded'
  if not meets(condition, ending) then
    deleteWaiter(row)
  elseif redis.call('HINCRBY', jobKey(waiter), 'open', -1) == 0 then
    readyWaiter(row, condition)
  end
end

-- An edge is resolved once for ever: then it is gone. What exceeds the budget goes into a record in this very write, so
-- no waiter is forgotten if nobody comes back; a later ending of the parent begins behind what this one has left.
local function resolveEdges(parent)
  local edges, from = edgesKey(parent.id), '(' .. parent.settled
  local some = budget.edges > 0 and redis.call('ZRANGEBYSCORE', edges, from, parent.fence, 'LIMIT', 0, budget.edges) or {}
  if #some > 0 then redis.call('ZREM', edges, unpack(some)) end
  budget.edges = budget.edges - #some
  for _, member in ipairs(some) do resolveEdge(placeId(member), parent.state) end
  if budget.edges <= 0 and redis.call('ZCOUNT', edges, from, parent.fence) > 0 then
    redis.call('RPUSH', releasesKey, table.concat({ parent.id, parent.settled, parent.fence, parent.state }, ' '))
    if redis.call('HEXISTS', jobKey(parent.id), 'row') == 1 then
      redis.call('HSET', jobKey(parent.id), 'settled', math.max(parent.fence, number(parent.id, 'settled')))
    end
    news.released = true
  end
end

-- Waiters that end by this add themselves to the end of the list while it is walked.
local function resolveFinished()
  local nth = 1
  while finished[nth] do
    resolveEdges(finished[nth])
    nth = nth + 1
  end
  finished = {}
end
`;
