import {
  type Claim,
  type LostClaim,
  SERVER_COMMANDS,
  type ServerAnnouncement,
  type ServerCommand,
  type ServerRecord,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText, toTextOrNull } from "./reply.ts";
import { toState } from "./row.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";
import { CLOCK } from "./transition.ts";

const ANNOUNCE = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  lua`
local incarnation, timeout = take(), tonumber(take())
redis.call('HDEL', serverKey(incarnation), 'vitals', 'command')
redis.call('HSET', serverKey(incarnation), 'timeoutMs', timeout, 'startedAt', now, 'renewedAt', now, 'steadySince', now,
  'name', take(), 'host', take(), 'pid', take(), 'pidStartedAt', take(), 'queues', take(), 'workerCount', take())
redis.call('ZADD', leasesKey, now + timeout, incarnation)
`,
);

export const announce: Verb<ServerAnnouncement, void> = {
  doing: "announce a server",
  script: ANNOUNCE,
  kind: "write",
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
  kind: "write",
  args: (incarnation) => [incarnation],
  answer: (reply) => reply === 1,
};

const RETIRE = new Script(
  KEYS,
  lua`
redis.call('ZREM', leasesKey, ARGV[1])
redis.call('DEL', serverKey(ARGV[1]))
if redis.call('EXISTS', heldKey(ARGV[1])) == 0 then redis.call('SREM', ownersKey, ARGV[1]) end
`,
);

export const retire: Verb<string, void> = {
  doing: "end a lease",
  script: RETIRE,
  kind: "write",
  args: (incarnation) => [incarnation],
  answer: () => {},
};

const HELD = new Script(
  KEYS,
  lua`
local claims = {}
for _, id in ipairs(redis.call('SMEMBERS', heldKey(ARGV[1]))) do
  local row = redis.call('HGET', jobKey(id), 'row')
  local fence = row and string.match(row, '^%d+')
  if fence then claims[#claims + 1] = { id, fence } end
end
return claims
`,
);

export const held: Verb<string, Claim[]> = {
  doing: "read claims",
  script: HELD,
  kind: "read",
  args: (incarnation) => [incarnation],
  answer: (reply) =>
    toList(reply).map((claim) => {
      const [id, fence] = toList(claim);
      return { id: toText(id), fence: toNumber(fence) };
    }),
};

const CHECK = new Script(
  KEYS,
  lua`
local lost = {}
for i = 1, #ARGV, 2 do
  local row = redis.call('HGET', jobKey(ARGV[i]), 'row')
  local fence, state = string.match(row or '', '^(%d+) (%a+)')
  if fence ~= ARGV[i + 1] then lost[#lost + 1] = { ARGV[i], ARGV[i + 1], state or false } end
end
return lost
`,
);

export const check: Verb<readonly Claim[], LostClaim[]> = {
  doing: "check claims",
  script: CHECK,
  kind: "read",
  rows: (claims) => claims.length,
  args: (claims) => claims.flatMap(({ id, fence }) => [id, fence]),
  answer: (reply) =>
    toList(reply).map((claim) => {
      const [id, fence, state] = toList(claim);
      return { id: toText(id), fence: toNumber(fence), state: state === null ? null : toState(state) };
    }),
};

const SERVERS = new Script(
  KEYS,
  CLOCK,
  lua`
local servers = {}
for _, incarnation in ipairs(redis.call('ZRANGE', leasesKey, 0, 999)) do
  servers[#servers + 1] = { incarnation, redis.call('HMGET', serverKey(incarnation), 'name', 'host', 'pid',
    'pidStartedAt', 'queues', 'workerCount', 'timeoutMs', 'startedAt', 'renewedAt', 'steadySince', 'vitals', 'command') }
end
return { now, servers }
`,
);

export const servers: Verb<void, ServerRecord[]> = {
  doing: "list servers",
  script: SERVERS,
  kind: "read",
  args: () => [],
  answer: (reply) => {
    const [now, found] = toList(reply);
    return toList(found)
      .map((server) => toServer(server, toNumber(now)))
      .sort((a, b) => a.startedAt - b.startedAt || (a.incarnation < b.incarnation ? -1 : 1));
  },
};

function toServer(reply: unknown, now: number): ServerRecord {
  const [incarnation, fields] = toList(reply);
  const [
    name,
    host,
    pid,
    pidStartedAt,
    queues,
    workerCount,
    timeout,
    startedAt,
    renewed,
    steadySince,
    ...told
  ] = toList(fields);
  const [vitals, command] = told;
  const timeoutMs = toNumber(timeout);
  const renewedAt = toNumber(renewed);
  return {
    incarnation: toText(incarnation),
    name: toText(name),
    host: toText(host),
    pid: toNumber(pid),
    pidStartedAt: toText(pidStartedAt),
    queues: JSON.parse(toText(queues)),
    workerCount: toNumber(workerCount),
    timeoutMs,
    startedAt: toNumber(startedAt),
    renewedAt,
    steadySince: toNumber(steadySince),
    live: renewedAt + timeoutMs > now,
    vitals: toTextOrNull(vitals),
    command: toCommand(command),
  };
}

export function toCommand(value: unknown): ServerCommand | null {
  return SERVER_COMMANDS.find((known) => known === value) ?? null;
}
