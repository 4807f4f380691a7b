import {
  FLAG,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  TAIL,
} from "../../storage/index.ts";
import { budgetOf } from "./gates.ts";
import { KEYS } from "./keys.ts";
import { PERMITS } from "./permits.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { JOBS_IN_ONE_SCRIPT, lua, quoted, Script, type Verb } from "./script.ts";
import { TRANSITION } from "./transition.ts";

/**
 * Whom this judge may call lost. After an outage every lease is old: only who has since renewed for one whole timeout
 * judges others, except for processes that it has itself seen to be gone.
 */
const LOST = lua`
local judge, limit, quarantineAt = take(), tonumber(take()), tonumber(take())

local lost, listed = {}, {}
local function list(incarnation)
  if incarnation == judge or listed[incarnation] then return end
  listed[incarnation] = true
  lost[#lost + 1] = incarnation
end

local function isSteady()
  local lease = redis.call('ZSCORE', leasesKey, judge)
  if not lease or tonumber(lease) <= now then return false end
  local server = redis.call('HMGET', serverKey(judge), 'steadySince', 'timeoutMs')
  return server[1] + server[2] <= now
end

for incarnation in take do list(incarnation) end
if isSteady() then
  for _, incarnation in ipairs(redis.call('ZRANGEBYSCORE', leasesKey, '-inf', now)) do list(incarnation) end
  for _, owner in ipairs(redis.call('SMEMBERS', ownersKey)) do
    if not redis.call('ZSCORE', leasesKey, owner) then list(owner) end
  end
end
`;

const RECOVER_JOB = lua`
local function recover(incarnation, id)
  local row = read(id)
  if not row then return putHeld(incarnation, id, false) end
  local owner, crashes = row.owner, row.crashes + (row.blamed and 1 or 0)
  local quarantined = row.blamed and crashes >= quarantineAt
  local to = { owner = false, blamed = false, crashes = crashes }
  if quarantined then
    to.state, to.entry, to.history = 'Failed', ${quoted(TAIL.quarantined)}, past(row)
  else
    to.state, to.entry, to.history = 'Enqueued', '', past(row) .. line(stamp, ${quoted(TAIL.recovered)})
    to.flags = bit.bor(row.flags, ${FLAG.recovered})
  end
  change(row, to)
  local limit = quarantined and limitOf(row)
  if limit then admitWaiters(limit.key) end
  return { id, whole(row).name, owner, crashes, quarantined and 1 or 0 }
end
`;

const RECOVER = new Script(
  KEYS,
  TRANSITION,
  budgetOf("0"),
  PERMITS,
  LOST,
  RECOVER_JOB,
  lua`
local recovered, more = {}, 0
for _, incarnation in ipairs(lost) do
  if #recovered >= limit then
    more = 1
    break
  end
  -- The lease ends with the first bite: a server that wakes between two bites may neither renew nor claim. What it
  -- still holds is then found as the jobs of a missing server, should this judge die before the next bite.
  redis.call('ZREM', leasesKey, incarnation)
  redis.call('DEL', serverKey(incarnation))
  local left = limit - #recovered
  local held = redis.call('SRANDMEMBER', heldKey(incarnation), left + 1)
  for i = 1, math.min(#held, left) do recovered[#recovered + 1] = recover(incarnation, held[i]) end
  if #held > left then more = 1 else redis.call('SREM', ownersKey, incarnation) end
end
return done({ more, recovered })
`,
);

export const recover: Verb<RecoverRequest, RecoverResult> = {
  doing: "recover jobs",
  script: RECOVER,
  kind: "transition",
  args: (request) => [
    request.incarnation,
    Math.min(request.limit, JOBS_IN_ONE_SCRIPT),
    request.quarantineAt,
    ...request.dead,
  ],
  answer: (reply) => {
    const [more, recovered] = toList(reply);
    return { recovered: toList(recovered).map(toRecovered), more: more === 1 };
  },
};

function toRecovered(reply: unknown): RecoveredJob {
  const [id, name, owner, crashes, quarantined] = toList(reply);
  return {
    id: toText(id),
    name: toText(name),
    owner: toText(owner),
    crashes: toNumber(crashes),
    quarantined: quarantined === 1,
  };
}
