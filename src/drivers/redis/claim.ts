import {
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  LeaseLostError,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber } from "./reply.ts";
import { ANSWER, FIELDS, TRANSITION, toClaimed } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

/**
 * Recovered jobs stand in a set of their own, so that a claim for the buffer passes over them without looking at them,
 * however many a crash has left. A claim for slots merges the two by (rank, seq).
 */
const HEADS = lua`
local function heads(kind, queue, count)
  if count <= 0 then return {} end
  return redis.call('ZRANGE', root .. kind .. queue, 0, count - 1, 'WITHSCORES')
end

local function comesFirst(a, i, b, j)
  local rankA, rankB = tonumber(a[i + 1]), tonumber(b[j + 1])
  if rankA ~= rankB then return rankA < rankB end
  return placeNumber(a[i]) < placeNumber(b[j])
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

local function claim(id, forSlot)
  local values = answer(id)
  local crashes = tonumber(values[${FIELDS.indexOf("crashes") + 1}] or 0)
  local blamed = forSlot and crashes < 2 and 1
  change(toRow(id, values), { state = 'Processing', entry = entry, owner = incarnation, blamed = blamed })
  jobs[#jobs + 1] = { blamed or 0, values }
end

local function claimFrom(queue)
  local ready, recovered = heads(':ready:', queue, slots + buffer), heads(':recovered:', queue, slots)
  local i, j = 1, 1
  while slots > 0 and (ready[i] or recovered[j]) do
    slots = slots - 1
    if not ready[i] or (recovered[j] and comesFirst(recovered, j, ready, i)) then
      claim(placeId(recovered[j]), true)
      j = j + 2
    else
      claim(placeId(ready[i]), true)
      i = i + 2
    end
  end
  while buffer > 0 and ready[i] do
    buffer = buffer - 1
    claim(placeId(ready[i]), false)
    i = i + 2
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
