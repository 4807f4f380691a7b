import { type EndedJob, isAtRest, type JobRecord } from "../../storage/index.ts";
import { KEYS } from "./keys.ts";
import { toList, toText } from "./reply.ts";
import { ANSWER, toRecord, toState } from "./row.ts";
import { lua, Script, type Verb } from "./script.ts";

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
  doing: "get jobs",
  script: GET,
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
  args: (ids) => ids,
  answer: (reply) => toList(reply).flatMap(toEnded),
};

function toEnded(reply: unknown): EndedJob[] {
  const [id, name, entry = ""] = toList(reply);
  const state = name === undefined ? null : toState(name);
  return state === null || isAtRest(state) ? [{ id: toText(id), state, entry: toText(entry) }] : [];
}
