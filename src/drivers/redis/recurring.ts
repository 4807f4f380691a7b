import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
} from "../../storage/index.ts";
import { DUE_AT, jobArg, STORE } from "./insert-row.ts";
import { KEYS } from "./keys.ts";
import { CUT } from "./packing.ts";
import { PERMITS } from "./permits.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ARGUMENTS, JOBS_IN_ONE_SCRIPT, lua, Script, type Verb } from "./script.ts";
import { CLOCK, TRANSITION } from "./transition.ts";

/** The guard and the jobs stand in one script: whoever comes second finds another version and stores nothing. */
const SAVE = new Script(
  KEYS,
  TRANSITION,
  lua`local budget = { edges = 0, admissions = 0 }`,
  PERMITS,
  CUT,
  DUE_AT,
  STORE,
  lua`
local function remove(id)
  redis.call('DEL', recurringKey(id))
  redis.call('ZREM', recurringIdsKey, id)
  redis.call('ZREM', nextKey, id)
end

local function write(id, state)
  local createdAt = redis.call('HGET', recurringKey(id), 'createdAt') or stamp
  redis.call('HSET', recurringKey(id), 'version', nextSeq(), 'createdAt', createdAt, 'nextAt', state.nextAt,
    'definition', state.definition, 'status', state.status)
  redis.call('ZADD', recurringIdsKey, 0, id)
  if state.nextAt == '' then
    redis.call('ZREM', nextKey, id)
  else
    redis.call('ZADD', nextKey, state.nextAt, id)
    tellRecurring(tonumber(state.nextAt))
  end
end

local outcomes = {}
for i = 1, tonumber(take()) do
  local id, version, state, jobs = take(), take(), nil, {}
  if take() == '1' then state = { nextAt = take(), definition = take(), status = take() } end
  for nth = 1, tonumber(take()) do jobs[nth] = toJob(take()) end
  if (redis.call('HGET', recurringKey(id), 'version') or '0') == version then
    if state then write(id, state) else remove(id) end
    for _, job in ipairs(jobs) do
      if not isThere(job) then storeUngated(job) end
    end
    outcomes[i] = 1
  else
    outcomes[i] = 0
  end
end
return done(outcomes)
`,
);

export const saveRecurring: Verb<readonly RecurringSave[], RecurringOutcome[]> = {
  doing: "store recurring jobs",
  script: SAVE,
  kind: "transition",
  rows: (saves) => saves.reduce((sum, { jobs = [] }) => sum + Math.max(jobs.length, 1), 0),
  args: (saves) => [saves.length, ...saves.flatMap(saveArgs)],
  answer: (reply) => toList(reply).map((applied) => (applied === 1 ? "applied" : "stale")),
};

function saveArgs({ id, version, state, jobs = [] }: RecurringSave): (string | number)[] {
  const stateArgs = state === null ? [0] : [1, state.nextAt ?? "", state.definition, state.status];
  return [id, version, ...stateArgs, jobs.length, ...jobs.map(jobArg)];
}

const RECORD = lua`
local function record(id)
  local found = redis.call('HMGET', recurringKey(id), 'version', 'nextAt', 'createdAt', 'definition', 'status')
  if not found[1] then return nil end
  return { id, unpack(found) }
end

local records = {}
local function addAll(ids)
  for _, id in ipairs(ids) do records[#records + 1] = record(id) end
end
`;

const DUE = new Script(
  KEYS,
  ARGUMENTS,
  CLOCK,
  RECORD,
  lua`
addAll(redis.call('ZRANGEBYSCORE', nextKey, '-inf', now, 'LIMIT', 0, tonumber(take())))
local earliest = redis.call('ZRANGE', nextKey, 0, 0)[1]
return { now, records, earliest and redis.call('HGET', recurringKey(earliest), 'nextAt') or false }
`,
);

export const dueRecurring: Verb<number, DueRecurring> = {
  doing: "look for due recurring jobs",
  script: DUE,
  kind: "read",
  args: (limit) => [Math.min(limit, JOBS_IN_ONE_SCRIPT)],
  answer: (reply) => {
    const [now, due, nextAt] = toList(reply);
    return {
      due: toList(due).map(toRecurring),
      nextAt: nextAt === null ? null : toNumber(nextAt),
      now: toNumber(now),
    };
  },
};

const GET = new Script(
  KEYS,
  RECORD,
  lua`addAll(ARGV)
return records`,
);

export const getRecurring: Verb<readonly string[], RecurringRecord[]> = {
  doing: "read recurring jobs",
  script: GET,
  kind: "read",
  args: (ids) => ids,
  answer: (reply) => toList(reply).map(toRecurring),
};

const LIST = new Script(
  KEYS,
  ARGUMENTS,
  RECORD,
  lua`
local limit, after = tonumber(take()), take()
addAll(redis.call('ZRANGEBYLEX', recurringIdsKey, after and '(' .. after or '-', '+', 'LIMIT', 0, limit))
return records
`,
);

export const listRecurring: Verb<RecurringQuery, RecurringRecord[]> = {
  doing: "list recurring jobs",
  script: LIST,
  kind: "read",
  args: ({ after, limit }) => [Math.min(limit, JOBS_IN_ONE_SCRIPT), ...(after === undefined ? [] : [after])],
  answer: (reply) => toList(reply).map(toRecurring),
};

function toRecurring(reply: unknown): RecurringRecord {
  const [id, version, nextAt, createdAt, definition, status] = toList(reply);
  return {
    id: toText(id),
    version: toNumber(version),
    nextAt: nextAt === "" ? null : toNumber(nextAt),
    createdAt: toNumber(createdAt),
    definition: toText(definition),
    status: toText(status),
  };
}
