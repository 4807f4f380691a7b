import {
  type EndedJob,
  isAtRest,
  JOB_STATES,
  type JobRecord,
  type StateCounts,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ANSWER, toRecord, toState } from "./row.ts";
import { lua, Script, type Verb } from "./script.ts";
import { CLOCK } from "./transition.ts";

const GET = new Script(
  KEYS,
  ANSWER,
  lua`
local jobs = {}
for _, id in ipairs(ARGV) do jobs[#jobs + 1] = answer(id) end
return jobs
`,
);

export const get: Verb<readonly string[], JobRecord[]> = {
  doing: "read jobs",
  script: GET,
  kind: "read",
  rows: (ids) => ids.length,
  args: (ids) => ids,
  answer: (reply) => toList(reply).map(toRecord),
};

const WATCH = new Script(
  KEYS,
  lua`
local ended = { Succeeded = true, Failed = true, Deleted = true }
local answers = {}
for _, id in ipairs(ARGV) do
  local state = redis.call('HGET', jobKey(id), 'state')
  if not state then
    answers[#answers + 1] = { id }
  elseif ended[state] then
    answers[#answers + 1] = { id, state, redis.call('HGET', jobKey(id), 'entry') or '' }
  end
end
return answers
`,
);

export const watch: Verb<readonly string[], EndedJob[]> = {
  doing: "read results",
  script: WATCH,
  kind: "read",
  rows: (ids) => ids.length,
  args: (ids) => ids,
  answer: (reply) => toList(reply).flatMap(toEnded),
};

function toEnded(reply: unknown): EndedJob[] {
  const [id, name, entry = ""] = toList(reply);
  const state = name === undefined ? null : toState(name);
  return state === null || isAtRest(state) ? [{ id: toText(id), state, entry: toText(entry) }] : [];
}

const COUNTS = new Script(
  KEYS,
  lua`
local counts = {}
for nth, state in ipairs(ARGV) do counts[nth] = redis.call('ZCARD', stateKey(state)) end
return counts
`,
);

/** The sets of the states are their own counters. */
export const counts: Verb<void, StateCounts> = {
  doing: "count jobs",
  script: COUNTS,
  kind: "read",
  args: () => JOB_STATES,
  answer: (reply) => {
    const sizes = toList(reply).map(toNumber);
    const [
      Enqueued = 0,
      Scheduled = 0,
      Awaiting = 0,
      Processing = 0,
      Succeeded = 0,
      Failed = 0,
      Deleted = 0,
    ] = sizes;
    return { Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted };
  },
};

const NOW = new Script(CLOCK, lua`return now`);

export const now: Verb<void, number> = {
  doing: "read the clock",
  script: NOW,
  kind: "read",
  args: () => [],
  answer: toNumber,
};
