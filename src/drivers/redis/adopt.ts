import type { AdoptRequest, ClaimedJob } from "../../storage/index.ts";
import { claimedOf, HOLD } from "./claim.ts";
import { KEYS } from "./keys.ts";
import { ANSWER } from "./row.ts";
import { ROW_CLAIMED } from "./row-text.ts";
import { JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/**
 * The first few of each shelf of a known name and queue, each in order: the price does not grow with the rest. Shelves
 * that hold something are few, mostly none; the names that a server knows may be many.
 */
const ADOPT = new Script(
  KEYS,
  TRANSITION,
  ROW_CLAIMED,
  ANSWER,
  HOLD,
  lua`
local incarnation, entry, slots = take(), take(), tonumber(take())
if not isLive(incarnation) then return { false, '' } end
local shelves = redis.call('SMEMBERS', shelvesKey)
if #shelves == 0 or slots == 0 then return { { now, '', { 0, '' } }, '' } end

local queues, names = {}, {}
for _ = 1, tonumber(take()) do
  local queue = take()
  queues[queue] = not isPaused(queue)
end
for name in take do names[name] = true end

local found = {}
for _, shelf in ipairs(shelves) do
  local name, queue = string.match(shelf, '^(.-)%z(.*)$')
  if names[name] and queues[queue] then
    for _, member in ipairs(redis.call('ZRANGE', shelfKey(shelf), 0, slots - 1)) do
      found[#found + 1] = { shelf = shelf, queue = queue, member = member }
    end
  end
end
table.sort(found, function(a, b) return a.member < b.member end)

for nth = 1, math.min(slots, #found) do
  local shelf, queue, member = found[nth].shelf, found[nth].queue, found[nth].member
  hold(placeId(member), incarnation, entry, true)
  put(shelfKey(shelf), member, false)
  put(parkedKey, queue .. '\0' .. member, false)
  shelvesTouched[shelf] = true
end
return doneHolding(incarnation)
`,
);

export const adopt: Verb<AdoptRequest, ClaimedJob[]> = {
  doing: "adopt jobs",
  script: ADOPT,
  kind: "transition",
  args: ({ incarnation, entry, queues, names, slots }) => [
    incarnation,
    entry,
    Math.min(slots, JOBS_IN_ONE_SCRIPT),
    queues.length,
    ...queues,
    ...names,
  ],
  answer: (reply, request) => claimedOf(reply, request),
};
