import {
  FLAG,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  type ServerAnnouncement,
  TAIL,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { CLOCK, TRANSITION } from "./row.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";

const ANNOUNCE = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  lua`
local incarnation, timeout = take(), tonumber(take())
redis.call('HSET', serverKey(incarnation), 'timeoutMs', timeout, 'startedAt', now, 'renewedAt', now, 'steadySince', now,
  'name', take(), 'host', take(), 'pid', take(), 'pidStartedAt', take(), 'queues', take(), 'workerCount', take())
redis.call('ZADD', leasesKey, now + timeout, incarnation)
`,
);

export const announce: Verb<ServerAnnouncement, void> = {
  doing: "announce a server",
  script: ANNOUNCE,
  args: (server) => [
    server.incarnation,
    server.timeoutMs,
    server.name,
    server.host,
    server.pid,
    server.pidStartedAt,
    JSON.stringify(server.queues),
    server.workerCount,
  ],
  answer: () => {},
};

const HEARTBEAT = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  lua`
local incarnation = take()
local lease = redis.call('ZSCORE', leasesKey, incarnation)
if not lease then return 0 end
-- A removal first: a server that has run out of memory refuses only the first write, and a lease must not end of that.
redis.call('ZREM', leasesKey, incarnation)
if tonumber(lease) <= now then redis.call('HSET', serverKey(incarnation), 'steadySince', now) end
redis.call('HSET', serverKey(incarnation), 'renewedAt', now)
redis.call('ZADD', leasesKey, now + redis.call('HGET', serverKey(incarnation), 'timeoutMs'), incarnation)
return 1
`,
);

export const heartbeat: Verb<string, boolean> = {
  doing: "renew a lease",
  script: HEARTBEAT,
  args: (incarnation) => [incarnation],
  answer: (reply) => reply === 1,
};

/**
 * Whom this judge may call lost. After an outage every lease is old: only who has since renewed for one whole timeout
 * judges others, except for processes that it has itself seen to be gone.
 */
const LOST = lua`
local judge, limit, quarantineAt = take(), tonumber(take()), tonumber(take())
local tails = { recovered = take(), quarantined = take() }

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
  if not row then return put(heldKey(incarnation), id, false) end
  local owner, crashes = row.owner, number(row, 'crashes') + (row.blamed and 1 or 0)
  local quarantined = row.blamed and crashes >= quarantineAt
  local to = { owner = false, blamed = false, crashes = crashes }
  if quarantined then
    to.state, to.entry, to.history = 'Failed', tails.quarantined, past(row)
  else
    to.state, to.entry, to.history = 'Enqueued', false, past(row) .. line(stamp, tails.recovered)
    to.flags = bit.bor(row.flags, ${FLAG.recovered})
  end
  change(row, to)
  return { id, redis.call('HGET', jobKey(id), 'name'), owner, crashes, quarantined and 1 or 0 }
end
`;

const RECOVER = new Script(
  KEYS,
  ARGUMENTS,
  TRANSITION,
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
  local held = redis.call('ZRANGE', heldKey(incarnation), 0, left)
  for i = 1, math.min(#held, left) do recovered[#recovered + 1] = recover(incarnation, held[i]) end
  if #held > left then more = 1 else redis.call('SREM', ownersKey, incarnation) end
end
flush()
return { more, recovered }
`,
);

export const recover: Verb<RecoverRequest, RecoverResult> = {
  doing: "recover jobs",
  script: RECOVER,
  args: (request) => [
    request.incarnation,
    Math.min(request.limit, JOBS_IN_ONE_SCRIPT),
    request.quarantineAt,
    TAIL.recovered,
    TAIL.quarantined,
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
