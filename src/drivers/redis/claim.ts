import { type ClaimedJob, type ClaimRequest, LeaseLostError } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber } from "./reply.ts";
import { ANSWER, toClaimed } from "./row.ts";
import { JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/** Who may claim, and what becomes of a row that is claimed. */
export const HOLD: string = lua`
local function isLive(incarnation)
  local lease = redis.call('ZSCORE', leasesKey, incarnation)
  return lease and tonumber(lease) > now
end

local jobs = {}

-- An Enqueued row: without owner or blame, ready or parked.
local function toRow(fields)
  local row = { hold = false, owner = false, blamed = false, crashes = 0, flags = 0 }
  for i = 1, #fields, 2 do row[fields[i]] = fields[i + 1] end
  return row
end

local function hold(fields, incarnation, entry, forSlot)
  local row = toRow(fields)
  if #jobs == 0 then writeThoughFull() end
  local blamed = forSlot and tonumber(row.crashes) < 2 and 1
  change(row, { state = 'Processing', hold = false, entry = entry, owner = incarnation, blamed = blamed })
  jobs[#jobs + 1] = { blamed or 0, fields }
end

-- A crash of the owner is found from here, whether it is announced by then or not.
local function doneHolding(incarnation)
  if #jobs > 0 then redis.call('SADD', ownersKey, incarnation) end
  return done({ now, jobs })
end
`;

/**
 * Recovered and limited jobs stand in a set of their own, so that a claim for the buffer passes over them without
 * looking at them, however many a crash has left. A claim for slots merges the two by (rank, seq).
 */
const HEADS = lua`
local function heads(key, count)
  return count > 0 and redis.call('ZRANGE', key, 0, count - 1) or {}
end
`;

const CLAIM = new Script(
  KEYS,
  TRANSITION,
  ANSWER,
  HOLD,
  HEADS,
  lua`
local incarnation, entry, slots, buffer = take(), take(), tonumber(take()), tonumber(take())
if not isLive(incarnation) then return { false, '' } end

-- A row that somebody has deleted by hand, or evicted, must not keep all others from being claimed.
local function claim(key, member, forSlot)
  local fields = answer(placeId(member))
  if not fields then return put(key, member, false) end
  hold(fields, incarnation, entry, forSlot)
end

local function claimFrom(queue)
  local readyKey, slotsKey = root .. ':ready:' .. queue, root .. ':slots:' .. queue
  local ready, slotsOnly = heads(readyKey, slots + buffer), heads(slotsKey, slots)
  local i, j = 1, 1
  while slots > 0 and (ready[i] or slotsOnly[j]) do
    slots = slots - 1
    if not ready[i] or (slotsOnly[j] and slotsOnly[j] < ready[i]) then
      claim(slotsKey, slotsOnly[j], true)
      j = j + 1
    else
      claim(readyKey, ready[i], true)
      i = i + 1
    end
  end
  while buffer > 0 and ready[i] do
    buffer = buffer - 1
    claim(readyKey, ready[i], false)
    i = i + 1
  end
end

local queue = take()
while queue and slots + buffer > 0 do
  claimFrom(queue)
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
  const [at, jobs] = toList(reply);
  const now = toNumber(at);
  return toList(jobs).map((job) => {
    const [blamed, row] = toList(job);
    return toClaimed(row, { now, entry, owner, blamed: blamed === 1 });
  });
}
