import {
  type EndedJob,
  isAtRest,
  JOB_STATES,
  type JobRecord,
  type RowCut,
  type StateCounts,
} from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toNumber, toText } from "./reply.ts";
import { ANSWER, ANSWER_CUT, cutArgs, toRecords, toState } from "./row.ts";
import { ARGUMENTS, lua, Script, type Verb } from "./script.ts";
import { CLOCK } from "./transition.ts";

const GET = new Script(
  KEYS,
  ARGUMENTS,
  ANSWER,
  ANSWER_CUT,
  lua`
local argsChars, entryChars = tonumber(take()), tonumber(take())
for id in take do answerRow(id, argsChars, entryChars) end
return allAnswers()
`,
);

interface Get {
  readonly ids: readonly string[];
  readonly cut: RowCut | undefined;
}

export const get: Verb<Get, JobRecord[]> = {
  doing: "read jobs",
  script: GET,
  kind: "read",
  rows: ({ ids }) => ids.length,
  args: ({ ids, cut }) => [...cutArgs(cut), ...ids],
  answer: toRecords,
};

const WATCH = new Script(
  KEYS,
  lua`
local ended = { Succeeded = true, Failed = true, Deleted = true }
local answers = {}
for _, id in ipairs(ARGV) do
  local row = redis.call('HGET', jobKey(id), 'row')
  local state = row and string.match(row, '^%d+ (%a+)')
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
for nth, state in ipairs(ARGV) do
  if state == 'Enqueued' then
    counts[nth] = tonumber(redis.call('GET', enqueuedKey) or 0)
  else
    counts[nth] = redis.call('ZCARD', state == 'Scheduled' and dueKey or stateKey(state))
  end
end
return counts
`,
);

/** The sets are their own counters. Enqueued jobs stand in one for each queue: they are counted as they come and go. */
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
