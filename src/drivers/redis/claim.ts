import {
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  LeaseLostError,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber } from "./reply.ts";
import { ANSWER, TRANSITION, toClaimed } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

/**
 * Recovered jobs stand in a set of their own, so that a claim for the buffer passes over them without looking at them,
 * however many a crash has left. A claim for slots merges the two by (rank, seq).
 */
const HEADS = lua`
local function heads(key, count)
  return count > 0 and redis.call('ZRANGE', key, 0, count - 1) or {}
end
`;

const CLAIM = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
  ANSWER,
  HEADS,
  lua`
local incarnation, entry, slots, buffer = take(), take(), tonumber(take()), tonumber(take())
local lease = redis.call('ZSCORE', leasesKey, incarnation)
if not lease or tonumber(lease) <= now then return nil end

local jobs = {}

-- A ready row: Enqueued, without hold, owner or blame.
local function toRow(fields)
  local row = { hold = false, owner = false, blamed = false, crashes = 0, flags = 0 }
  for i = 1, #fields, 2 do row[fields[i]] = fields[i + 1] end
  return row
end

-- A row that somebody has deleted by hand, or evicted, must not keep all others from being claimed.
local function claim(key, member, forSlot)
  local fields = answer(placeId(member))
  if not fields then return put(key, member, false) end
  local row = toRow(fields)
  local blamed = forSlot and tonumber(row.crashes) < 2 and 1
  change(row, { state = 'Processing', entry = entry, owner = incarnation, blamed = blamed })
  jobs[#jobs + 1] = { blamed or 0, fields }
end

local function claimFrom(queue)
  local readyKey, recoveredKey = root .. ':ready:' .. queue, root .. ':recovered:' .. queue
  local ready, recovered = heads(readyKey, slots + buffer), heads(recoveredKey, slots)
  local i, j = 1, 1
  while slots > 0 and (ready[i] or recovered[j]) do
    slots = slots - 1
    if not ready[i] or (recovered[j] and recovered[j] < ready[i]) then
      claim(recoveredKey, recovered[j], true)
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
flush()
-- A crash of the owner is found from here, whether it is announced by then or not.
if #jobs > 0 then redis.call('SADD', ownersKey, incarnation) end
return { now, jobs }
`,
);

export const claim: Verb<ClaimRequest, ClaimedJob[]> = {
  doing: "claim jobs",
  script: CLAIM,
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
  answer: (reply, { incarnation: owner, entry }) => {
    if (reply === null) throw new LeaseLostError(owner);
    const [at, jobs] = toList(reply);
    const now = toNumber(at);
    return toList(jobs).map((job) => {
      const [blamed, row] = toList(job);
      return toClaimed(row, { now, entry, owner, blamed: blamed === 1 });
    });
  },
};

const GIVE_BACK = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
  lua`
local outcomes = {}
for i = 1, #ARGV / 2 do
  local row, fence = read(take()), tonumber(take())
  local held = row and row.fence == fence and row.state == 'Processing'
  if held then change(row, { state = 'Enqueued', entry = false, owner = false, blamed = false }) end
  outcomes[i] = held and 1 or 0
end
flush()
return outcomes
`,
);

export const giveBack: Verb<readonly Claim[], ClaimOutcome[]> = {
  doing: "give jobs back",
  script: GIVE_BACK,
  args: (claims) => claims.flatMap(({ id, fence }) => [id, fence]),
  answer: (reply) => toList(reply).map((applied) => (applied === 1 ? "applied" : "stale")),
};
