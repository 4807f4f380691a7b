import { type ClaimedJob, type ClaimRequest, LeaseLostError } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ANSWER, toClaimed } from "./row.ts";
import { ROW_CLAIMED } from "./row-text.ts";
import { BYTES_IN_ONE_SCRIPT, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { LIGHT_TRANSITION } from "./transition.ts";

/** Who may claim, and what becomes of a row that is claimed. */
export const HOLD: string = lua`
local function isLive(incarnation)
  local lease = redis.call('ZSCORE', leasesKey, incarnation)
  return lease and tonumber(lease) > now
end

-- Nearly always nothing is paused: then this is one look for a whole claim.
local anyPaused
local function isPaused(queue)
  if anyPaused == nil then anyPaused = redis.call('EXISTS', pausesKey) == 1 end
  return anyPaused and redis.call('HEXISTS', pausesKey, queue) == 1
end

local blame = {}

-- The caller takes it from where it stood; nothing else changes by a claim, and nobody is told. A row that somebody has
-- deleted by hand, or evicted, must not keep all others from being claimed.
local function hold(id, incarnation, entry, forSlot)
  enqueued = enqueued - 1
  local fence, flags, crashes, rest = string.match(answer(id) or '', ROW_CLAIMED)
  if not fence then return end
  writeThoughFull()
  local blamed = forSlot and tonumber(crashes) < 2 and '1' or '0'
  local text = fence + 1 .. ' Processing ' .. stamp .. ' ' .. flags .. ' - ' .. crashes .. ' ' .. blamed .. '\n' ..
    incarnation .. '\n' .. rest
  redis.call('HSET', jobKey(id), 'row', text, 'entry', entry)
  local entered, held = listFor('ZADD', processingKey), listFor('SADD', heldKey(incarnation))
  entered[#entered + 1] = stamp
  entered[#entered + 1] = id
  held[#held + 1] = id
  blame[#blame + 1] = blamed
end

-- A crash of the owner is found from here, whether it is announced by then or not.
local function doneHolding(incarnation)
  if #blame > 0 then redis.call('SADD', ownersKey, incarnation) end
  return done({ now, table.concat(blame), allAnswers() })
end
`;

/**
 * Recovered and limited jobs stand in a set of their own, so that a claim for the buffer passes over them without
 * looking at them, however many a crash has left. A claim for slots merges the two by (rank, seq). What is taken of
 * either are its first members: they go by their number, not by their names.
 */
const CLAIM = new Script(
  KEYS,
  LIGHT_TRANSITION,
  ROW_CLAIMED,
  ANSWER,
  HOLD,
  lua`
local incarnation, entry, slots, buffer = take(), take(), tonumber(take()), tonumber(take())
if not isLive(incarnation) then return { false, '' } end

local function heads(key, count)
  return count > 0 and redis.call('ZRANGE', key, 0, count - 1) or {}
end

local function removeHeads(key, count)
  if count > 0 then redis.call('ZREMRANGEBYRANK', key, 0, count - 1) end
end

local function mayTake() return slots + buffer > 0 and answeredBytes < ${String(BYTES_IN_ONE_SCRIPT)} end

local function claimFrom(queue)
  local readyKey, slotsKey = root .. ':ready:' .. queue, root .. ':slots:' .. queue
  local ready, slotsOnly = heads(readyKey, slots + buffer), heads(slotsKey, slots)
  local i, j = 0, 0
  local function nextMember()
    local a, b = ready[i + 1], slots > 0 and slotsOnly[j + 1]
    if b and not (a and a < b) then
      j = j + 1
      return b
    end
    if a then i = i + 1 end
    return a
  end
  while mayTake() do
    local member = nextMember()
    if not member then break end
    local forSlot = slots > 0
    if forSlot then slots = slots - 1 else buffer = buffer - 1 end
    hold(placeId(member), incarnation, entry, forSlot)
  end
  removeHeads(readyKey, i)
  removeHeads(slotsKey, j)
  if i + j > 0 then queuesTouched[queue] = true end
end

local queue = take()
while queue and mayTake() do
  if not isPaused(queue) then claimFrom(queue) end
  queue = take()
end
return doneHolding(incarnation)
`,
);

export const claim: Verb<ClaimRequest, ClaimedJob[]> = {
  doing: "claim jobs",
  script: CLAIM,
  kind: "transition",
  args: ({ incarnation, entry, queues, slots, buffer }) => {
    const forSlots = Math.min(slots, JOBS_IN_ONE_SCRIPT);
    return [
      incarnation,
      entry,
      forSlots,
      Math.min(buffer, JOBS_IN_ONE_SCRIPT - forSlots),
      ...new Set(queues),
    ];
  },
  answer: (reply, request) => claimedOf(reply, request),
};

/** The jobs of an answer; null says that the lease is over. */
export function claimedOf(
  reply: unknown,
  { incarnation: owner, entry }: { readonly incarnation: string; readonly entry: string },
): ClaimedJob[] {
  if (reply === null) throw new LeaseLostError(owner);
  const [now, blamed, jobs] = toList(reply);
  return toClaimed(jobs, toText(blamed), { now: toNumber(now), entry, owner });
}
