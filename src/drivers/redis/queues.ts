import { MAX_QUEUES, type QueuePause, type QueueRecord } from "../../storage/index.ts";
import type { Database } from "./database.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText, toTextOrNull } from "./reply.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";
import { CLOCK, TRANSITION } from "./transition.ts";

/** Priorities whose first job is looked at for the oldest one. */
const MOST_RANKS = 20;
/** Each asks three times for each of its priorities. */
const QUEUES_IN_ONE_SCRIPT = 15;

/** A removal first: a server that has run out of memory refuses only a first write, and is the one to be paused. */
export const THOUGH_FULL: string = lua`redis.call('SREM', unadmittedKey, '')`;

const PAUSE = new Script(
  KEYS,
  CLOCK,
  THOUGH_FULL,
  lua`
redis.call('HSET', pausesKey, ARGV[1], stamp .. ' ' .. ARGV[2])
redis.call('ZADD', pausedKey, 0, ARGV[1])
`,
);

export const pauseQueue: Verb<{ readonly queue: string; readonly note: string }, void> = {
  doing: "pause a queue",
  script: PAUSE,
  kind: "write",
  args: ({ queue, note }) => [queue, note],
  answer: () => {},
};

const RESUME = new Script(
  KEYS,
  TRANSITION,
  lua`
local queue = take()
redis.call('ZREM', pausedKey, queue)
local wasPaused = redis.call('HDEL', pausesKey, queue)
if wasPaused == 1 then news.ready[queue] = true end
return done(wasPaused)
`,
);

export const resumeQueue: Verb<string, boolean> = {
  doing: "resume a queue",
  script: RESUME,
  kind: "transition",
  args: (queue) => [queue],
  answer: (reply) => reply === 1,
};

const NAMES = new Script(
  KEYS,
  lua`
local function first(key) return redis.call('ZRANGE', key, 0, ${String(MAX_QUEUES - 1)}) end
return { first(queuesKey), first(pausedKey) }
`,
);

const names: Verb<void, string[]> = {
  doing: "list queues",
  script: NAMES,
  kind: "read",
  args: () => [],
  answer: (reply) => toList(reply).flatMap((found) => toList(found).map(toText)),
};

/** From priority to priority, each by one look into either set: ready jobs, and those that only a slot may take. */
const RECORDS = new Script(
  KEYS,
  ARGUMENTS,
  lua`
local function firstFrom(key, rank)
  return redis.call('ZRANGEBYLEX', key, '[' .. rank, '+', 'LIMIT', 0, 1)[1]
end

local function oldestOf(readyKey, slotsKey)
  local oldest, rank = false, '0'
  for _ = 1, ${String(MOST_RANKS)} do
    local a, b = firstFrom(readyKey, rank), firstFrom(slotsKey, rank)
    local first = (a and b) and (a < b and a or b) or a or b
    if not first then break end
    local at = string.match(redis.call('HGET', jobKey(placeId(first)), 'row') or '', '^%d+ %a+ (%d+)')
    if at and not (oldest and tonumber(oldest) <= tonumber(at)) then oldest = at end
    rank = string.format('%05d', string.sub(first, 1, 5) + 1)
  end
  return oldest
end

local records = {}
for queue in take do
  local readyKey, slotsKey = root .. ':ready:' .. queue, root .. ':slots:' .. queue
  local ready = redis.call('ZCARD', readyKey) + redis.call('ZCARD', slotsKey)
  records[#records + 1] = { queue, ready, ready > 0 and oldestOf(readyKey, slotsKey),
    redis.call('HGET', pausesKey, queue) }
end
return records
`,
);

const records: Verb<readonly string[], QueueRecord[]> = {
  doing: "list queues",
  script: RECORDS,
  kind: "read",
  args: (queues) => queues,
  answer: (reply) => toList(reply).map(toQueue),
};

/** The sets know their sizes. A queue that was emptied since its name was read is in no answer. */
export async function queues(database: Database): Promise<QueueRecord[]> {
  const sorted = [...new Set(await database.ask(names, undefined))].sort().slice(0, MAX_QUEUES);
  const all: QueueRecord[] = [];
  for (let at = 0; at < sorted.length; at += QUEUES_IN_ONE_SCRIPT)
    all.push(...(await database.ask(records, sorted.slice(at, at + QUEUES_IN_ONE_SCRIPT))));
  return all.filter(({ ready, paused }) => ready > 0 || paused !== null);
}

function toQueue(reply: unknown): QueueRecord {
  const [queue, ready, oldestAt, pause] = toList(reply);
  const paused = toTextOrNull(pause);
  return {
    queue: toText(queue),
    ready: toNumber(ready),
    isBound: false,
    oldestAt: oldestAt === null ? null : toNumber(oldestAt),
    paused: paused === null ? null : toPause(paused),
  };
}

function toPause(text: string): QueuePause {
  const space = text.indexOf(" ");
  return { at: toNumber(text.slice(0, space)), note: text.slice(space + 1) };
}
