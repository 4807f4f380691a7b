/**
 * Gates join a job to its parents. A script runs alone, so the locks that keep a new child and a finishing parent from
 * missing each other are free here.
 */
import { FLAG, TAIL } from "../../storage/index.ts";
import { lua, quoted } from "./script.ts";

/** Answers with the id of the first parent that is gone, if there is one: then nothing was written. */
export const STORE_GATED: string = lua`
local function lookUpParents(job)
  local parents, open, broken, missing = {}, 0, false, nil
  eachParent(job.parents, function(id)
    local parent = read(id)
    if not parent then
      missing = missing or id
      return
    end
    if not isFinal(parent.state) then open = open + 1 elseif not meets(job.condition, parent.state) then broken = true end
    parents[#parents + 1] = parent
  end)
  return parents, open, broken, missing
end

-- The fence as score tells edges tied before an ending from those tied after a requeue. A parent that has ended has
-- nothing more to tell.
local function tie(parents, child)
  for _, parent in ipairs(parents) do
    if child.open and not isFinal(parent.state) then
      redis.call('ZADD', edgesKey(parent.id), parent.fence, edgePlace(seqDigits(child.place), child.id))
    end
    if not has(parent.flags, ${FLAG.parent}) then setFlag(parent, ${FLAG.parent}) end
    redis.call('ZADD', childrenKey(parent.id), 0, child.id)
    if not isFinal(child.state) then redis.call('HINCRBY', jobKey(parent.id), 'unfinished', 1) end
  end
end

local function storeHeld(job, open, broken)
  local row = begin(job)
  if broken then
    row.state, row.entry, row.history = 'Deleted', ${quoted(TAIL.conditionNotMet)}, line(stamp, job.entry)
  else
    row.state, row.hold, row.entry, row.open = 'Awaiting', 'gate', job.entry, open
  end
  return store(job, row)
end

local function storeGated(job)
  local parents, open, broken, missing = lookUpParents(job)
  if missing then return missing end
  if open == 0 and not broken then
    tie(parents, storeEntering(job, line(stamp, job.entry) .. line(stamp, releasedTails[job.condition])))
  else
    tie(parents, storeHeld(job, open, broken))
  end
end
`;
