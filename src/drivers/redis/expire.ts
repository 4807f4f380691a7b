import { type ExpireRequest, type ExpireResult, FLAG } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { BY_TIME } from "./list.ts";
import { toList, toNumber, toTextOrNull } from "./reply.ts";
import { JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/**
 * A job goes with everything that is kept beside it, in one script: no key of it has a time to live, which would leave
 * the sets that name it behind.
 */
const REMOVE = lua`
-- A child that has not finished may still ask for the result; an ending that is still to be told needs its edges.
local function mayGo(id, row)
  if not has(row.flags, ${FLAG.parent}) then return true end
  if row.unfinished > 0 then return false end
  return row.state == 'Failed' or redis.call('EXISTS', edgesKey(id)) == 0
end

-- Edges are left when the job was taken out while it waited; one that has failed was still to be asked for.
local function untie(id, row)
  eachParent(row.parents, function(parent)
    redis.call('ZREM', childrenKey(parent), id)
    if row.tied then redis.call('ZREM', edgesKey(parent), edgePlace(row.tied, id)) end
    if row.state == 'Failed' and redis.call('HEXISTS', jobKey(parent), 'row') == 1 then
      redis.call('HINCRBY', jobKey(parent), 'unfinished', -1)
    end
  end)
end

local gone = {}
local function remove(id, row)
  gone[#gone + 1] = jobKey(id)
  if has(row.flags, ${FLAG.gated}) then untie(id, row) end
  if has(row.flags, ${FLAG.parent}) then
    gone[#gone + 1] = edgesKey(id)
    gone[#gone + 1] = childrenKey(id)
  end
  if has(row.flags, ${FLAG.appended}) then
    gone[#gone + 1] = logKey(id)
    gone[#gone + 1] = progressKey(id)
  end
end
`;

const EXPIRE = new Script(
  KEYS,
  TRANSITION,
  BY_TIME,
  REMOVE,
  lua`
local state, limit, age, most = take(), tonumber(take()), tonumber(take()), tonumber(take())
local key = stateKey(state)
local tooMany = most and redis.call('ZCARD', key) - most or 0
local places = byTime(key, take(), take(), limit, false)
local expired, ended = 0, #places < limit
if #places > 0 then writeThoughFull() end

for _, place in ipairs(places) do
  local isOld = age and place.cursor[1] + age <= now
  if tooMany <= 0 and not isOld then
    ended = true
    break
  end
  tooMany = tooMany - 1
  local found = redis.call('HMGET', jobKey(place.id), 'row', 'unfinished', 'parents', 'tied')
  local flags = string.match(found[1] or '', '^%d+ %a+ %d+ (%d+)')
  local row = { state = state, flags = tonumber(flags or 0), unfinished = tonumber(found[2] or 0), parents = found[3] or '',
    tied = found[4] }
  if mayGo(place.id, row) then
    remove(place.id, row)
    put(key, place.id, false)
    expired = expired + 1
  end
end
if #gone > 0 then redis.call('UNLINK', unpack(gone)) end
local last = places[#places]
return done({ expired, not ended and last and last.cursor[1] .. ' ' .. last.id or false })
`,
);

export const expire: Verb<ExpireRequest, ExpireResult> = {
  doing: "expire jobs",
  script: EXPIRE,
  kind: "transition",
  args: ({ retention, limit, after }) => [
    retention.state,
    Math.min(limit, JOBS_IN_ONE_SCRIPT),
    retention.ageMs ?? "",
    retention.count ?? "",
    ...(after === undefined ? [] : after.split(" ", 2)),
  ],
  answer: (reply) => {
    const [expired, next] = toList(reply);
    return { expired: toNumber(expired), next: toTextOrNull(next) };
  },
};
